/** An exponential attack-decay-sustain-release envelope, one call a sample. Times are those in which 95 % of the way is gone. */
import { followerRate } from './noteMachine';

const QUIET = 1e-4;

export class Envelope {
	/** 0..1; 0 when it has ended */
	value = 0;
	private readonly sampleRate: number;
	private attackRate = 1;
	private decayRate = 1;
	private releaseRate = 1;
	private sustain = 1;
	private target = 0;
	private rising = false;
	private held = false;

	constructor(sampleRate: number) {
		this.sampleRate = sampleRate;
	}

	/** Begins again from where it stands. Seconds; `sustain` 0..1 of the peak. */
	attack(attackSeconds: number, decaySeconds: number, sustain: number): void {
		this.attackRate = this.rateOf(attackSeconds);
		this.decayRate = this.rateOf(decaySeconds);
		this.sustain = sustain;
		this.target = 1;
		this.rising = this.held = true;
		if (this.value < QUIET) this.value = QUIET;
	}

	release(releaseSeconds: number): void {
		this.releaseRate = this.rateOf(releaseSeconds);
		this.held = this.rising = false;
	}

	stop(): void {
		this.value = 0;
		this.held = this.rising = false;
	}

	next(): number {
		if (!this.held) {
			this.value -= this.value * this.releaseRate;
			if (this.value < QUIET) this.value = 0;
			return this.value;
		}
		const rate = this.rising ? this.attackRate : this.decayRate;
		this.value += (this.target - this.value) * rate;
		if (this.rising && this.value > 0.95) {
			this.rising = false;
			this.target = Math.max(this.sustain, 2 * QUIET);
		}
		return this.value;
	}

	private rateOf(seconds: number): number {
		return followerRate(Math.max(1e-4, seconds) / 3, this.sampleRate);
	}
}
