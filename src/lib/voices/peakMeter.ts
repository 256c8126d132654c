/** A meter: the highest sample of the last 2048 frames (43 ms at 48 kHz), more than lies between two pictures. */
import type { Context, ToneAudioNode } from './tone';

export interface PeakMeter {
	/** 0..1 */
	peak(): number;
	dispose(): void;
}

export function createPeakMeter(context: Context, source: ToneAudioNode): PeakMeter {
	const analyser = context.createAnalyser();
	analyser.fftSize = 2048;
	source.connect(analyser);
	const frames = new Float32Array(analyser.fftSize);
	return {
		peak() {
			analyser.getFloatTimeDomainData(frames);
			let highest = 0;
			for (const frame of frames) highest = Math.max(highest, Math.abs(frame));
			return Math.min(1, highest);
		},
		dispose() {
			analyser.disconnect();
		}
	};
}
