/** The glue compressor of the master on the audio thread. */
import { GlueCompressor } from './glueCompressor';
import { registerStereoProcessor } from './stereoProcessor';

registerStereoProcessor('glue', (sampleRate) => new GlueCompressor(sampleRate));
