/**
 * How far a compressor turns down: a static curve with a soft knee, followed with an attack and a release. After
 * Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design" (JAES 2012), formula 4.
 */
import { followerRate } from './noteMachine';

export interface CompressorCurve {
	/** dB below full scale */
	thresholdDb: number;
	/** width of the bend around the threshold, dB */
	kneeDb: number;
	/** dB in for one dB out above the knee */
	ratio: number;
	makeupDb: number;
	attackSeconds: number;
	releaseSeconds: number;
}

export class GainComputer {
	private readonly slope: number;
	private readonly attackRate: number;
	private readonly releaseRate: number;
	private reductionDb = 0;

	/** @param stepRate calls of `gainFor` a second */
	constructor(
		private readonly curve: CompressorCurve,
		stepRate: number
	) {
		this.slope = 1 - 1 / curve.ratio;
		this.attackRate = followerRate(curve.attackSeconds, stepRate);
		this.releaseRate = followerRate(curve.releaseSeconds, stepRate);
	}

	/** The gain without any reduction. */
	get restingGain(): number {
		return decibelsToGain(this.curve.makeupDb);
	}

	/** The gain for the next step, whose highest sample is `peak`; what is not a number counts as silence. */
	gainFor(peak: number): number {
		const { thresholdDb, kneeDb, makeupDb } = this.curve;
		const level = Number.isFinite(peak) ? peak : 0;
		const over = 20 * Math.log10(level + 1e-9) - thresholdDb;
		let reduction = 0;
		if (2 * over > kneeDb) reduction = this.slope * over;
		else if (2 * over > -kneeDb) reduction = (this.slope * (over + kneeDb / 2) ** 2) / (2 * kneeDb);
		const rate = reduction > this.reductionDb ? this.attackRate : this.releaseRate;
		this.reductionDb += (reduction - this.reductionDb) * rate;
		return decibelsToGain(makeupDb - this.reductionDb);
	}
}

function decibelsToGain(decibels: number): number {
	return Math.pow(10, decibels / 20);
}
