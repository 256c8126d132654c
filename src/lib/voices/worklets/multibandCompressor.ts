/**
 * The multiband compressor of the master: low, mid and high are pressed apart, both sides linked, so that a heavy kick takes
 * nothing from the hats. Gentle: the curves bend where a full mix has its loud moments, and what is softer passes unchanged.
 */
import { BandSplit } from './bandSplit';
import { type CompressorCurve, GainComputer } from './gainComputer';

export const SPLITS_HZ = [120, 2500] as const;

/** Lower bands move slower, or the waves of a bass would be bent by their own envelope. */
export const CURVES: readonly [CompressorCurve, CompressorCurve, CompressorCurve] = [
	{
		thresholdDb: -15,
		kneeDb: 8,
		ratio: 2.5,
		makeupDb: 0,
		attackSeconds: 0.02,
		releaseSeconds: 0.2
	},
	{
		thresholdDb: -16,
		kneeDb: 10,
		ratio: 1.6,
		makeupDb: 0,
		attackSeconds: 0.012,
		releaseSeconds: 0.12
	},
	{
		thresholdDb: -20,
		kneeDb: 10,
		ratio: 1.8,
		makeupDb: 0,
		attackSeconds: 0.004,
		releaseSeconds: 0.08
	}
];

/** The lowest wave of each band, Hz: its level is held from crest to crest, or the gain would follow the wave itself. */
const LOWEST_HZ = [25, SPLITS_HZ[0], SPLITS_HZ[1]] as const;
/** the gains are computed once for this many frames */
const STEP = 8;

/** One band of both sides: its samples of a step, and its gain. */
class Band {
	readonly left = new Float32Array(STEP);
	readonly right = new Float32Array(STEP);
	private readonly computer: GainComputer;
	/** share of the held level that is left after a step */
	private readonly hold: number;
	private level = 0;
	private gain: number;

	constructor(curve: CompressorCurve, lowestHz: number, stepRate: number) {
		this.computer = new GainComputer(curve, stepRate);
		this.hold = Math.exp(-lowestHz / stepRate);
		this.gain = this.computer.restingGain;
	}

	/** Adds the first `count` samples to the outputs from `start` on, turned down as far as they are loud. */
	add(outLeft: Float32Array, outRight: Float32Array, start: number, count: number): void {
		let peak = this.level * this.hold;
		for (let i = 0; i < count; i++)
			peak = Math.max(peak, Math.abs(this.left[i]!), Math.abs(this.right[i]!));
		this.level = Number.isFinite(peak) ? peak : 0;
		const slope = (this.computer.gainFor(this.level) - this.gain) / count;
		for (let i = 0; i < count; i++) {
			this.gain += slope;
			outLeft[start + i]! += this.left[i]! * this.gain;
			outRight[start + i]! += this.right[i]! * this.gain;
		}
	}
}

export class MultibandCompressor {
	private readonly leftSplit: BandSplit;
	private readonly rightSplit: BandSplit;
	private readonly bands: readonly [Band, Band, Band];

	constructor(sampleRate: number) {
		this.leftSplit = new BandSplit(SPLITS_HZ, sampleRate);
		this.rightSplit = new BandSplit(SPLITS_HZ, sampleRate);
		const stepRate = sampleRate / STEP;
		const band = (place: 0 | 1 | 2): Band => new Band(CURVES[place], LOWEST_HZ[place], stepRate);
		this.bands = [band(0), band(1), band(2)];
	}

	process(
		inLeft: Float32Array,
		inRight: Float32Array,
		outLeft: Float32Array,
		outRight: Float32Array
	): void {
		const { leftSplit, rightSplit } = this;
		const [low, mid, high] = this.bands;
		for (let start = 0; start < outLeft.length; start += STEP) {
			const count = Math.min(STEP, outLeft.length - start);
			for (let i = 0; i < count; i++) {
				leftSplit.run(inLeft[start + i]!);
				rightSplit.run(inRight[start + i]!);
				low.left[i] = leftSplit.low;
				mid.left[i] = leftSplit.mid;
				high.left[i] = leftSplit.high;
				low.right[i] = rightSplit.low;
				mid.right[i] = rightSplit.mid;
				high.right[i] = rightSplit.high;
			}
			outLeft.fill(0, start, start + count);
			outRight.fill(0, start, start + count);
			for (const band of this.bands) band.add(outLeft, outRight, start, count);
		}
	}
}
