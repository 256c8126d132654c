/**
 * The acid bass after the TB-303, as plain DSP: one oscillator, diode ladder, two envelopes, accent, slide, drive.
 * Oscillator, ladder and drive run at twice the sample rate. Facts: R. Whittle's Devil Fish manual and
 * the measurements behind Open303 (R. Schmidt). Levels: about -6 dBFS for a plain note at full velocity.
 */
import { AcidControls } from './acidControls';
import { BlepOscillator } from './blepOscillator';
import { DiodeLadder } from './diodeLadder';
import { EventQueue } from './eventQueue';
import { HalfbandDecimator } from './halfbandDecimator';
import {
	bounded,
	followerRate,
	frequencyOfPitch,
	type NoteMachine,
	SILENCE_SECONDS,
	type VoiceMessage
} from './noteMachine';
import { overdriven } from './overdrive';
import { ACCENT_FLAG, enqueue, NOTE, SET, SLIDE_FLAG } from './voiceEvents';

/** 99 % of the way after 4.6 time constants = 60 ms. */
const SLIDE_TIME_CONSTANT = 0.013;
/** A sliding note waits this long past its end for the one that it glides into. */
const SLIDE_HOLD_SECONDS = 0.5;
const FILTER_ATTACK_SECONDS = 0.003;
const ACCENT_DECAY_MS = 200;
const AMP_DECAY_TIME_CONSTANT = 1.23;
const AMP_ATTACK_TIME_CONSTANT = 0.0012;
const AMP_RELEASE_TIME_CONSTANT = 0.004;
/** The decay knob names the time in which the filter envelope falls by 20 dB. */
const DECAY_TO_TIME_CONSTANT = 1 / Math.LN10;
/** The accent capacitor fills within a note or three and empties within a few sixteenths, so accents in a row climb. */
const CAPACITOR_CHARGE_SECONDS = 0.06;
const CAPACITOR_DISCHARGE_SECONDS = 0.2;
const CAPACITOR_OCTAVES = 2.8;
/** Below the circuit's 17: it squelches and never whistles. */
const FEEDBACK_MAX = 16.5;
const OSCILLATOR_LEVEL = 0.7;
const QUIET = 1e-6;

export class AcidVoice implements NoteMachine {
	private readonly sampleRate: number;
	private readonly queue = new EventQueue();
	private readonly controls: AcidControls;
	private readonly oscillator = new BlepOscillator();
	private readonly ladder: DiodeLadder;
	private readonly decimator = new HalfbandDecimator();

	private readonly slideRate: number;
	private readonly filterAttackRate: number;
	private readonly ampAttackRate: number;
	private readonly ampReleaseRate: number;
	private readonly ampDecay: number;
	private readonly accentDecay: number;
	private readonly chargeRate: number;
	private readonly discharge: number;
	private readonly silenceRate: number;
	private readonly couplingRate: number;
	private readonly blockDcRate: number;

	private pitch = 36;
	private targetPitch = 36;
	private gliding = false;
	private gate = false;
	private gateEnd = 0;
	private startFrame = -1;
	private slideNext = false;
	private accented = false;
	private velocity = 1;
	private silencing = false;

	private filterEnvelope = 0;
	private filterAttackLeft = 0;
	private ampEnvelope = 0;
	private amp = 0;
	private capacitor = 0;
	private coupling = 0;
	private dc = 0;
	private awake = false;

	constructor(sampleRate: number) {
		this.sampleRate = sampleRate;
		this.controls = new AcidControls(sampleRate);
		this.ladder = new DiodeLadder(2 * sampleRate);
		this.slideRate = followerRate(SLIDE_TIME_CONSTANT, sampleRate);
		this.filterAttackRate = followerRate(FILTER_ATTACK_SECONDS / 4, sampleRate);
		this.ampAttackRate = followerRate(AMP_ATTACK_TIME_CONSTANT, sampleRate);
		this.ampReleaseRate = followerRate(AMP_RELEASE_TIME_CONSTANT, sampleRate);
		this.ampDecay = 1 - followerRate(AMP_DECAY_TIME_CONSTANT, sampleRate);
		this.accentDecay = this.decayFactor(ACCENT_DECAY_MS);
		this.chargeRate = followerRate(CAPACITOR_CHARGE_SECONDS, sampleRate);
		this.discharge = 1 - followerRate(CAPACITOR_DISCHARGE_SECONDS, sampleRate);
		this.silenceRate = followerRate(SILENCE_SECONDS / 4, sampleRate);
		this.couplingRate = followerRate(1 / (2 * Math.PI * 44), 2 * sampleRate);
		this.blockDcRate = followerRate(1 / (2 * Math.PI * 24), sampleRate);
	}

	schedule(message: VoiceMessage): void {
		enqueue(this.queue, message, (name) => AcidControls.indexOf(name));
	}

	/** The frequency that the oscillator has now, for meters and tests. */
	get frequencyHz(): number {
		return frequencyOfPitch(this.pitch + this.controls.tuning);
	}

	render(output: Float32Array, startFrame: number): void {
		for (let i = 0; i < output.length; i++) {
			const frame = startFrame + i;
			while (this.queue.nextFrame <= frame) this.act(frame);
			if (this.gate && frame >= this.gateEnd) this.gate = false;
			output[i] = this.awake ? this.sample() : this.rest();
		}
	}

	private act(frame: number): void {
		const { queue } = this;
		queue.shift();
		switch (queue.kind) {
			case NOTE:
				this.start(frame, queue.a, queue.b, queue.c, queue.d);
				return;
			case SET:
				this.controls.set(queue.a, queue.b, !this.awake);
				return;
			default:
				this.gate = false;
				this.slideNext = false;
				this.silencing = true;
		}
	}

	private start(
		frame: number,
		pitch: number,
		velocity: number,
		duration: number,
		flags: number
	): void {
		const safePitch = bounded(pitch, 0, 127, 36);
		// Of notes that begin together a single voice plays the lowest.
		if (frame === this.startFrame && this.gate && safePitch > this.targetPitch) return;
		const tied = this.gate && this.slideNext && frame !== this.startFrame;
		const slides = (flags & SLIDE_FLAG) !== 0;
		const length = bounded(duration, 1, 3600 * this.sampleRate, this.sampleRate / 8);

		this.startFrame = frame;
		this.targetPitch = safePitch;
		this.slideNext = slides;
		this.gateEnd = frame + length + (slides ? SLIDE_HOLD_SECONDS * this.sampleRate : 0);
		this.gate = true;
		this.awake = true;
		this.silencing = false;
		this.gliding = tied;
		if (tied) return;
		this.pitch = safePitch;
		this.accented = (flags & ACCENT_FLAG) !== 0;
		this.velocity = bounded(velocity, 0, 1, 1);
		this.filterAttackLeft = FILTER_ATTACK_SECONDS * this.sampleRate;
		this.ampEnvelope = 1;
	}

	private sample(): number {
		const { controls, ladder, oscillator } = this;
		controls.advance();
		this.advanceEnvelopes();
		if (this.gliding) this.pitch += (this.targetPitch - this.pitch) * this.slideRate;

		const frequency = Math.min(8000, frequencyOfPitch(this.pitch + controls.tuning));
		const increment = frequency / (2 * this.sampleRate);
		ladder.tune(this.cutoffNow());

		// The transistor that shapes the square leaves it narrower towards the bass.
		const duty = Math.min(0.5, Math.max(0.42, 0.45 + 0.015 * Math.log2(frequency / 65)));
		const feedback = FEEDBACK_MAX * controls.resonance;
		const first = this.shaped(oscillator, increment, duty, feedback);
		const second = this.shaped(oscillator, increment, duty, feedback);
		const sum = this.decimator.process(first, second);
		this.dc += (sum - this.dc) * this.blockDcRate;
		const out = sum - this.dc;

		if (!(Math.abs(out) < 64)) return this.recover();
		if (!this.gate && this.amp < QUIET) this.fallAsleep();
		return out;
	}

	/** One sample at the high rate: oscillator, ladder, amplifier, drive. */
	private shaped(
		oscillator: BlepOscillator,
		increment: number,
		duty: number,
		feedback: number
	): number {
		const { controls } = this;
		oscillator.advance(increment);
		const mix = controls.waveform;
		let wave = 0;
		if (mix < 1) wave += (1 - mix) * oscillator.saw(increment);
		if (mix > 0) wave += mix * 0.8 * oscillator.pulse(increment, duty);
		// The capacitors before and after the filter high-pass at 44 and 24 Hz.
		this.coupling += (wave - this.coupling) * this.couplingRate;
		const filtered = this.ladder.process((wave - this.coupling) * OSCILLATOR_LEVEL, feedback);
		// The loop gain costs level in the pass band; give half of it back, as the 303's mixer does.
		const level = filtered * this.amp * (0.6 + 0.19 * feedback);
		return overdriven(level, controls.drive);
	}

	private advanceEnvelopes(): void {
		if (this.filterAttackLeft > 0) {
			this.filterAttackLeft--;
			this.filterEnvelope += (1 - this.filterEnvelope) * this.filterAttackRate;
		} else {
			this.filterEnvelope *= this.accented
				? this.accentDecay
				: this.decayFactor(this.controls.decayMs);
		}
		const accent = this.accented ? this.controls.accent * this.filterEnvelope : 0;
		this.capacitor *= this.discharge;
		if (accent > this.capacitor) this.capacitor += (accent - this.capacitor) * this.chargeRate;

		this.ampEnvelope *= this.ampDecay;
		const loudness = (0.55 + 0.45 * this.velocity) * (1 + 0.9 * accent);
		const target = this.gate ? this.ampEnvelope * loudness : 0;
		const rate = this.silencing
			? this.silenceRate
			: target > this.amp
				? this.ampAttackRate
				: this.ampReleaseRate;
		this.amp += (target - this.amp) * rate;
	}

	/** The knob, moved by both envelopes; the sweep reaches a third of its span below the knob. */
	private cutoffNow(): number {
		const { controls } = this;
		const span = 0.75 + 4 * controls.envMod;
		const octaves =
			span * (this.filterEnvelope - 0.3) +
			CAPACITOR_OCTAVES * this.capacitor +
			0.4 * (this.velocity - 1);
		return Math.min(16_000, controls.cutoff * Math.pow(2, octaves));
	}

	private decayFactor(decayMs: number): number {
		return Math.exp(-1000 / (decayMs * DECAY_TO_TIME_CONSTANT * this.sampleRate));
	}

	/** While nothing sounds only the capacitor goes on, since the next accent finds what is left in it. */
	private rest(): number {
		this.capacitor = this.capacitor > QUIET ? this.capacitor * this.discharge : 0;
		return 0;
	}

	private fallAsleep(): void {
		this.awake = false;
		this.amp = 0;
		this.filterEnvelope = 0;
		this.coupling = this.dc = 0;
		this.ladder.reset();
		this.decimator.reset();
		this.oscillator.reset();
	}

	/** A number ran away, which no value of the controls should cause: begin afresh rather than pass it on. */
	private recover(): number {
		this.gate = false;
		this.capacitor = 0;
		this.fallAsleep();
		return 0;
	}
}
