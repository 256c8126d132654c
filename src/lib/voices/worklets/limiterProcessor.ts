/** The last stage of the master on the audio thread: the look-ahead limiter. */
import { Limiter } from './limiter';
import { registerStereoProcessor } from './stereoProcessor';

registerStereoProcessor('limiter', (sampleRate) => new Limiter(sampleRate));
