/** The compressors of the master on the audio thread, one node for both: first the bands apart, then their sum together. */
import { GlueCompressor } from './glueCompressor';
import { MultibandCompressor } from './multibandCompressor';
import { registerStereoProcessor } from './stereoProcessor';

registerStereoProcessor('dynamics', (sampleRate) => {
	const bands = new MultibandCompressor(sampleRate);
	const glue = new GlueCompressor(sampleRate);
	return {
		process(inLeft, inRight, outLeft, outRight) {
			bands.process(inLeft, inRight, outLeft, outRight);
			glue.process(outLeft, outRight, outLeft, outRight);
		}
	};
});
