/**
 * Stereo look-ahead limiter. The gain that each sample needs (by its own peak and by an estimate of the wave between
 * samples) is held for the look-ahead, then averaged over it: so the gain is down, smoothly, before the peak arrives.
 * For a hold of W samples every term of the average that meets a sample is at most the gain that it needs, hence no
 * sample leaves above the ceiling. After D. Giannoulis et al. (JAES 2012) and the usual hold-and-average construction.
 */
import { followerRate } from './noteMachine';
import { InterSamplePeak } from './interSamplePeak';

const LOOKAHEAD_SECONDS = 0.003;
const RELEASE_SECONDS = 0.09;

export class Limiter {
	/** frames by which the output is late */
	readonly latencyFrames: number;
	/** linear gain of the last frame, for a gain-reduction meter */
	gain = 1;

	private readonly ceiling: number;
	private readonly window: number;
	private readonly releaseRate: number;
	private readonly peaks = [new InterSamplePeak(), new InterSamplePeak()] as const;
	private readonly delayed: readonly [Float32Array, Float32Array];
	/** gains of the last `window` frames, for the average */
	private readonly held: Float64Array;
	/** rising queue of needed gains: the first is the smallest in the window */
	private readonly queueGain: Float64Array;
	private readonly queueFrame: Float64Array;
	private queueHead = 0;
	private queueSize = 0;
	private frame = 0;
	private sum: number;
	private released = 1;

	constructor(sampleRate: number, ceilingDb = -1) {
		this.ceiling = Math.pow(10, ceilingDb / 20);
		this.window = Math.max(8, Math.round(LOOKAHEAD_SECONDS * sampleRate));
		this.latencyFrames = this.window + InterSamplePeak.delay;
		this.releaseRate = followerRate(RELEASE_SECONDS, sampleRate);
		this.delayed = [new Float32Array(this.latencyFrames), new Float32Array(this.latencyFrames)];
		this.held = new Float64Array(this.window).fill(1);
		this.queueGain = new Float64Array(this.window + 3);
		this.queueFrame = new Float64Array(this.window + 3);
		this.sum = this.window;
	}

	/** Limits a block; input and output may be the same arrays. What is not a number counts as 0. */
	process(
		inLeft: Float32Array,
		inRight: Float32Array,
		outLeft: Float32Array,
		outRight: Float32Array
	): void {
		const [delayLeft, delayRight] = this.delayed;
		const { ceiling, latencyFrames } = this;
		for (let i = 0; i < outLeft.length; i++) {
			const left = finite(inLeft[i]!);
			const right = finite(inRight[i]!);
			const peak = Math.max(this.peaks[0].process(left), this.peaks[1].process(right));
			const gain = this.smoothed(peak > ceiling ? ceiling / peak : 1);
			const slot = this.frame % latencyFrames;
			outLeft[i] = within(delayLeft[slot]! * gain, ceiling);
			outRight[i] = within(delayRight[slot]! * gain, ceiling);
			delayLeft[slot] = left;
			delayRight[slot] = right;
			this.frame++;
		}
	}

	private smoothed(needed: number): number {
		const least = this.leastOfWindow(needed);
		this.released =
			least < this.released ? least : this.released + (least - this.released) * this.releaseRate;
		const slot = this.frame % this.window;
		this.sum += this.released - this.held[slot]!;
		this.held[slot] = this.released;
		if (slot === 0) this.sum = this.held.reduce(add, 0);
		this.gain = this.sum / this.window;
		return this.gain;
	}

	/** Smallest needed gain of the last `window + 2` frames: a peak between two samples binds both. */
	private leastOfWindow(needed: number): number {
		const { queueGain, queueFrame } = this;
		const capacity = queueGain.length;
		while (
			this.queueSize > 0 &&
			queueGain[(this.queueHead + this.queueSize - 1) % capacity]! >= needed
		)
			this.queueSize--;
		const tail = (this.queueHead + this.queueSize) % capacity;
		queueGain[tail] = needed;
		queueFrame[tail] = this.frame;
		this.queueSize++;
		if (queueFrame[this.queueHead]! < this.frame - this.window - 1) {
			this.queueHead = (this.queueHead + 1) % capacity;
			this.queueSize--;
		}
		return queueGain[this.queueHead]!;
	}
}

/** 32-bit samples beyond +-1e6 are a fault upstream; they count as silence so that the gain recovers. */
function finite(sample: number): number {
	return Math.abs(sample) < 1e6 ? sample : 0;
}

/** Rounding alone can lift a sample over the ceiling, by parts in 10^7. */
function within(sample: number, ceiling: number): number {
	return sample > ceiling ? ceiling : sample < -ceiling ? -ceiling : sample;
}

function add(a: number, b: number): number {
	return a + b;
}
