/**
 * Loudness as broadcasters measure it (ITU-R BS.1770-4, EBU R 128): K-weighted power of both sides over 400 ms (momentary) and
 * 3 s (short-term), the whole set behind two gates (integrated), and the highest true peak. The gates need every block of
 * 400 ms that ever was; a histogram of 0.1 LU holds them, so that a night takes no more memory than a minute.
 */
import type { Loudness } from '../../instrumentHandle';
import { InterSamplePeak } from './interSamplePeak';

const BLOCKS_A_SECOND = 10;
const MOMENTARY_BLOCKS = 4;
const SHORT_TERM_BLOCKS = 30;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const BIN_WIDTH = 0.1;
const LOUDEST = 10;
const BINS = Math.round((LOUDEST - ABSOLUTE_GATE) / BIN_WIDTH);

export function loudnessOf(power: number): number {
	return -0.691 + 10 * Math.log10(power);
}

/** The two filters of the K-weighting for one side: a shelf of +4 dB above 1.7 kHz and a high-pass at 38 Hz. */
class KWeighting {
	private readonly shelf: readonly number[];
	private readonly cut: readonly number[];
	private readonly state = new Float64Array(4);

	constructor(sampleRate: number) {
		const tan = (hz: number): number => Math.tan((Math.PI * hz) / sampleRate);
		const high = tan(1681.974450955533);
		const q = 0.7071752369554196;
		const gain = Math.pow(10, 3.999843853973347 / 20);
		const band = Math.pow(gain, 0.4996667741545416);
		const a0 = 1 + high / q + high * high;
		this.shelf = [
			(gain + (band * high) / q + high * high) / a0,
			(2 * (high * high - gain)) / a0,
			(gain - (band * high) / q + high * high) / a0,
			(2 * (high * high - 1)) / a0,
			(1 - high / q + high * high) / a0
		];
		const low = tan(38.13547087602444);
		const lowQ = 0.5003270373238773;
		const b0 = 1 + low / lowQ + low * low;
		this.cut = [1, -2, 1, (2 * (low * low - 1)) / b0, (1 - low / lowQ + low * low) / b0];
	}

	process(sample: number): number {
		const { shelf, cut, state } = this;
		const high = shelf[0]! * sample + state[0]!;
		state[0] = shelf[1]! * sample - shelf[3]! * high + state[1]!;
		state[1] = shelf[2]! * sample - shelf[4]! * high;
		const out = cut[0]! * high + state[2]!;
		state[2] = cut[1]! * high - cut[3]! * out + state[3]!;
		state[3] = cut[2]! * high - cut[4]! * out;
		return out;
	}

	reset(): void {
		this.state.fill(0);
	}
}

export class LoudnessMeter {
	private readonly sides: readonly [KWeighting, KWeighting];
	private peaks = newPeaks();
	private readonly blockFrames: number;
	/** powers of the last blocks of 100 ms, in a ring */
	private readonly powers = new Float64Array(SHORT_TERM_BLOCKS);
	private readonly counts = new Float64Array(BINS);
	private readonly sums = new Float64Array(BINS);
	private blocks = 0;
	private filled = 0;
	private energy = 0;
	private peak = 0;

	constructor(sampleRate: number) {
		this.sides = [new KWeighting(sampleRate), new KWeighting(sampleRate)];
		this.blockFrames = Math.round(sampleRate / BLOCKS_A_SECOND);
	}

	/** Takes a block of both sides; true when a reading is due, ten times a second. */
	process(left: Float32Array, right: Float32Array): boolean {
		let due = false;
		const [leftSide, rightSide] = this.sides;
		for (let i = 0; i < left.length; i++) {
			const l = leftSide.process(left[i]!);
			const r = rightSide.process(right[i]!);
			this.energy += l * l + r * r;
			const peak = Math.max(this.peaks[0].process(left[i]!), this.peaks[1].process(right[i]!));
			if (peak > this.peak) this.peak = peak;
			if (++this.filled === this.blockFrames) {
				this.endBlock();
				due = true;
			}
		}
		return due;
	}

	read(): Loudness {
		return {
			momentary:
				this.blocks < MOMENTARY_BLOCKS ? -Infinity : loudnessOf(this.mean(MOMENTARY_BLOCKS)),
			shortTerm:
				this.blocks < SHORT_TERM_BLOCKS ? -Infinity : loudnessOf(this.mean(SHORT_TERM_BLOCKS)),
			integrated: this.integrated(),
			truePeak: 20 * Math.log10(this.peak)
		};
	}

	/** Begins a new set. */
	reset(): void {
		for (const side of this.sides) side.reset();
		this.peaks = newPeaks();
		this.powers.fill(0);
		this.counts.fill(0);
		this.sums.fill(0);
		this.blocks = this.filled = this.energy = this.peak = 0;
	}

	private endBlock(): void {
		const power = this.energy / this.blockFrames;
		this.powers[this.blocks % SHORT_TERM_BLOCKS] = Number.isFinite(power) ? power : 0;
		this.blocks++;
		this.filled = this.energy = 0;
		if (!Number.isFinite(power)) for (const side of this.sides) side.reset();
		if (this.blocks < MOMENTARY_BLOCKS) return;
		const mean = this.mean(MOMENTARY_BLOCKS);
		const bin = Math.floor((loudnessOf(mean) - ABSOLUTE_GATE) / BIN_WIDTH);
		if (bin < 0) return;
		const kept = Math.min(bin, BINS - 1);
		this.counts[kept]! += 1;
		this.sums[kept]! += mean;
	}

	private mean(blocks: number): number {
		let sum = 0;
		for (let back = 1; back <= blocks; back++)
			sum += this.powers[(this.blocks - back + SHORT_TERM_BLOCKS) % SHORT_TERM_BLOCKS]!;
		return sum / blocks;
	}

	private integrated(): number {
		const above = (first: number): number => {
			let sum = 0;
			let count = 0;
			for (let bin = Math.max(0, first); bin < BINS; bin++) {
				sum += this.sums[bin]!;
				count += this.counts[bin]!;
			}
			return count === 0 ? -Infinity : loudnessOf(sum / count);
		};
		const ungated = above(0);
		if (ungated === -Infinity) return ungated;
		return above(Math.floor((ungated + RELATIVE_GATE - ABSOLUTE_GATE) / BIN_WIDTH));
	}
}

function newPeaks(): readonly [InterSamplePeak, InterSamplePeak] {
	return [new InterSamplePeak(), new InterSamplePeak()];
}
