/** The plucked strings on the audio thread. */
import { PluckVoice } from './pluckVoice';
import { registerNoteProcessor } from './noteProcessor';

registerNoteProcessor('pluck', (sampleRate) => new PluckVoice(sampleRate));
