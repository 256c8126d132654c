/**
 * Glue for the sum of all channels: a slow feed-forward compressor of ratio 2 with a soft knee, both sides linked, its
 * side-chain high-passed so that the kick does not pump everything. Gain computer after Giannoulis, Massberg and Reiss,
 * "Digital Dynamic Range Compressor Design" (JAES 2012), formula 4.
 */
import { followerRate } from './noteMachine';

const THRESHOLD_DB = -14;
const KNEE_DB = 8;
const SLOPE = 1 - 1 / 2;
const MAKEUP_DB = 3;
const ATTACK_SECONDS = 0.015;
const RELEASE_SECONDS = 0.15;
const SIDECHAIN_HIGHPASS_HZ = 90;
/** the gain is computed once for this many frames */
const STEP = 8;

export class GlueCompressor {
	private readonly attackRate: number;
	private readonly releaseRate: number;
	private readonly lowRate: number;
	private lowLeft = 0;
	private lowRight = 0;
	private level = 0;
	private reductionDb = 0;
	private gain = decibelsToGain(MAKEUP_DB);

	constructor(sampleRate: number) {
		this.attackRate = followerRate(ATTACK_SECONDS, sampleRate / STEP);
		this.releaseRate = followerRate(RELEASE_SECONDS, sampleRate / STEP);
		this.lowRate = followerRate(1 / (2 * Math.PI * SIDECHAIN_HIGHPASS_HZ), sampleRate);
	}

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
			const target = this.gainFor(peak);
			const slope = (target - this.gain) / (end - start);
			for (let i = start; i < end; i++) {
				this.gain += slope;
				outLeft[i] = inLeft[i]! * this.gain;
				outRight[i] = inRight[i]! * this.gain;
			}
		}
	}

	private gainFor(peak: number): number {
		this.level = Number.isFinite(peak) ? peak : 0;
		if (!Number.isFinite(this.lowLeft + this.lowRight)) this.lowLeft = this.lowRight = 0;
		const over = 20 * Math.log10(this.level + 1e-9) - THRESHOLD_DB;
		let reduction = 0;
		if (2 * over > KNEE_DB) reduction = SLOPE * over;
		else if (2 * over > -KNEE_DB) reduction = (SLOPE * (over + KNEE_DB / 2) ** 2) / (2 * KNEE_DB);
		const rate = reduction > this.reductionDb ? this.attackRate : this.releaseRate;
		this.reductionDb += (reduction - this.reductionDb) * rate;
		return decibelsToGain(MAKEUP_DB - this.reductionDb);
	}
}

function decibelsToGain(decibels: number): number {
	return Math.pow(10, decibels / 20);
}
