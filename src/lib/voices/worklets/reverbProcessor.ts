/** The reverb on the audio thread. */
import { registerStereoProcessor } from './stereoProcessor';
import { RoomReverb } from './roomReverb';

registerStereoProcessor('reverb', (sampleRate) => new RoomReverb(sampleRate));
