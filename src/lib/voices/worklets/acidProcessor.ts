/** The acid bass on the audio thread. */
import { AcidVoice } from './acidVoice';
import { registerNoteProcessor } from './noteProcessor';

registerNoteProcessor('acid', (sampleRate) => new AcidVoice(sampleRate));
