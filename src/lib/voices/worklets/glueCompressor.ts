/**
 * Glue for the sum of all channels: a slow feed-forward compressor of ratio 2 with a soft knee, both sides linked, its
 * side-chain high-passed so that the kick does not pump everything.
 */
import { GainComputer } from './gainComputer';
import { followerRate } from './noteMachine';

const CURVE = {
	thresholdDb: -14,
	kneeDb: 8,
	ratio: 2,
	makeupDb: 3,
	attackSeconds: 0.015,
	releaseSeconds: 0.15
};
const SIDECHAIN_HIGHPASS_HZ = 90;
/** the gain is computed once for this many frames */
const STEP = 8;

export class GlueCompressor {
	private readonly computer: GainComputer;
	private readonly lowRate: number;
	private lowLeft = 0;
	private lowRight = 0;
	private gain: number;

	constructor(sampleRate: number) {
		this.computer = new GainComputer(CURVE, sampleRate / STEP);
		this.gain = this.computer.restingGain;
		this.lowRate = followerRate(1 / (2 * Math.PI * SIDECHAIN_HIGHPASS_HZ), sampleRate);
	}

	/** Inputs and outputs may be the same arrays. */
	process(
		inLeft: Float32Array,
		inRight: Float32Array,
		outLeft: Float32Array,
		outRight: Float32Array
	): void {
		for (let start = 0; start < outLeft.length; start += STEP) {
			const end = Math.min(start + STEP, outLeft.length);
			let peak = 0;
			for (let i = start; i < end; i++) {
				this.lowLeft += (inLeft[i]! - this.lowLeft) * this.lowRate;
				this.lowRight += (inRight[i]! - this.lowRight) * this.lowRate;
				peak = Math.max(
					peak,
					Math.abs(inLeft[i]! - this.lowLeft),
					Math.abs(inRight[i]! - this.lowRight)
				);
			}
			if (!Number.isFinite(this.lowLeft + this.lowRight)) this.lowLeft = this.lowRight = 0;
			const target = this.computer.gainFor(peak);
			const slope = (target - this.gain) / (end - start);
			for (let i = start; i < end; i++) {
				this.gain += slope;
				outLeft[i] = inLeft[i]! * this.gain;
				outRight[i] = inRight[i]! * this.gain;
			}
		}
	}
}
