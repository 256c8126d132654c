/**
 * Reverb: a feedback delay network of eight lines mixed by a Hadamard matrix, each line damped in the treble, behind two
 * diffusing all-passes a side. After J.-M. Jot (ICASSP 1991) and M. Schroeder (JAES 1962). `clear` empties it at a frame,
 * which a convolver cannot: a panic must leave no tail.
 */
import { bounded } from './noteMachine';

const LINES = 8;
const LINE_SECONDS = [0.0297, 0.0343, 0.0411, 0.0467, 0.0531, 0.0599, 0.0673, 0.0743];
const DIFFUSER_SECONDS = [0.0047, 0.0113];
const DIFFUSION = 0.62;
const PREDELAY_SECONDS = 0.012;
const INPUT_HIGHPASS_HZ = 180;
const DAMPING_HZ = 4800;
const DECAY_SECONDS = 1.9;
const OUTPUT_LEVEL = 0.42;
/** a tail below this, without input, is over */
const QUIET = 1e-7;

class Ring {
	readonly samples: Float64Array;
	position = 0;

	constructor(length: number) {
		this.samples = new Float64Array(Math.max(1, Math.round(length)));
	}

	/** The sample of `length` frames ago. */
	get oldest(): number {
		return this.samples[this.position]!;
	}

	push(sample: number): void {
		this.samples[this.position] = sample;
		this.position = this.position + 1 === this.samples.length ? 0 : this.position + 1;
	}
}

export class RoomReverb {
	private readonly lines: Ring[];
	private readonly gains: Float64Array;
	private readonly lows = new Float64Array(LINES);
	private readonly mixed = new Float64Array(LINES);
	private readonly predelay: readonly [Ring, Ring];
	private readonly diffusers: readonly [Ring[], Ring[]];
	private readonly damping: number;
	private readonly highpassRate: number;
	private lowLeft = 0;
	private lowRight = 0;
	private asleep = true;
	private clearFrame = Infinity;

	constructor(sampleRate: number) {
		this.lines = LINE_SECONDS.map((seconds) => new Ring(seconds * sampleRate));
		this.gains = Float64Array.from(LINE_SECONDS, (seconds) =>
			Math.pow(10, (-3 * seconds) / DECAY_SECONDS)
		);
		this.predelay = [
			new Ring(PREDELAY_SECONDS * sampleRate),
			new Ring(1.13 * PREDELAY_SECONDS * sampleRate)
		];
		const diffusersOf = (spread: number): Ring[] =>
			DIFFUSER_SECONDS.map((seconds) => new Ring(seconds * spread * sampleRate));
		this.diffusers = [diffusersOf(1), diffusersOf(1.07)];
		this.damping = 1 - Math.exp((-2 * Math.PI * DAMPING_HZ) / sampleRate);
		this.highpassRate = 1 - Math.exp((-2 * Math.PI * INPUT_HIGHPASS_HZ) / sampleRate);
	}

	/** The only message: `{ clearAt: frame }`, the frame from which the tail is gone. */
	receive(message: unknown): void {
		const clearAt = (message as { clearAt?: number }).clearAt;
		if (clearAt !== undefined) this.clearFrame = bounded(clearAt, 0, Number.MAX_SAFE_INTEGER, 0);
	}

	process(
		inLeft: Float32Array,
		inRight: Float32Array,
		outLeft: Float32Array,
		outRight: Float32Array,
		startFrame: number
	): void {
		if (this.asleep && silent(inLeft) && silent(inRight)) {
			outLeft.fill(0);
			outRight.fill(0);
			if (this.clearFrame < startFrame + outLeft.length) this.clearFrame = Infinity;
			return;
		}
		this.asleep = false;
		let loudest = 0;
		for (let i = 0; i < outLeft.length; i++) {
			if (startFrame + i >= this.clearFrame) this.clear();
			this.frame(inLeft[i]!, inRight[i]!);
			const left = OUTPUT_LEVEL * (this.tap(0) - this.tap(2) + this.tap(4) - this.tap(6));
			const right = OUTPUT_LEVEL * (this.tap(1) - this.tap(3) + this.tap(5) - this.tap(7));
			outLeft[i] = left;
			outRight[i] = right;
			loudest = Math.max(loudest, Math.abs(left), Math.abs(right));
		}
		if (!Number.isFinite(loudest)) this.clear();
		else if (loudest < QUIET && silent(inLeft) && silent(inRight) && this.empty()) this.clear();
	}

	private frame(left: number, right: number): void {
		this.lowLeft += (left - this.lowLeft) * this.highpassRate;
		this.lowRight += (right - this.lowRight) * this.highpassRate;
		const [earlyLeft, earlyRight] = this.predelay;
		const feedLeft = diffused(this.diffusers[0], earlyLeft.oldest);
		const feedRight = diffused(this.diffusers[1], earlyRight.oldest);
		earlyLeft.push(left - this.lowLeft);
		earlyRight.push(right - this.lowRight);

		const { lines, lows, mixed, gains } = this;
		for (let n = 0; n < LINES; n++) {
			lows[n]! += this.damping * (lines[n]!.oldest - lows[n]!);
			mixed[n] = lows[n]! * gains[n]!;
		}
		hadamard(mixed);
		for (let n = 0; n < LINES; n++)
			lines[n]!.push(mixed[n]! + 0.5 * (n % 2 === 0 ? feedLeft : feedRight));
	}

	private tap(line: number): number {
		return this.lows[line]!;
	}

	private empty(): boolean {
		return this.lines.every((line) => line.samples.every((sample) => Math.abs(sample) < QUIET));
	}

	private clear(): void {
		const rings = [...this.lines, ...this.predelay, ...this.diffusers[0], ...this.diffusers[1]];
		for (const ring of rings) ring.samples.fill(0);
		this.lows.fill(0);
		this.lowLeft = this.lowRight = 0;
		this.asleep = true;
		this.clearFrame = Infinity;
	}
}

/** Schroeder all-pass sections in a row. */
function diffused(sections: Ring[], input: number): number {
	let signal = input;
	for (const section of sections) {
		const old = section.oldest;
		const inner = signal + DIFFUSION * old;
		section.push(inner);
		signal = old - DIFFUSION * inner;
	}
	return signal;
}

/** Fast Walsh-Hadamard transform of eight values, scaled to keep the energy. */
function hadamard(values: Float64Array): void {
	for (let width = 1; width < LINES; width *= 2)
		for (let i = 0; i < LINES; i += 2 * width)
			for (let j = i; j < i + width; j++) {
				const a = values[j]!;
				const b = values[j + width]!;
				values[j] = a + b;
				values[j + width] = a - b;
			}
	for (let n = 0; n < LINES; n++) values[n]! *= 1 / Math.sqrt(LINES);
}

function silent(block: Float32Array): boolean {
	for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false;
	return true;
}
