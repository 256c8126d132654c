/**
 * A bass of two-operator FM (Chowning 1973): the modulator's index falls after the attack, feedback roughens it, accents are
 * brighter and louder. Knobs: fmIndex (%), fmRatio (times the carrier, 0.5 to 4), fmDecay (ms), fmFeedback (%).
 */
import { Envelope } from './envelope';
import { Knobs } from './knobs';
import { followerRate } from './noteMachine';
import { PolyVoice, type Speaker } from './polyVoice';

const SPEAKERS = 2;
/** index in radians with the knob full up */
const MOST_INDEX = 7;
const MOST_FEEDBACK = 1.1;
const GLIDE_TIME_CONSTANT = 0.013;
const RELEASE_SECONDS = 0.06;
const AMP_DECAY_SECONDS = 1.4;

const RANGES = {
	fmIndex: { min: 0, max: 100, standard: 45 },
	fmRatio: { min: 0.5, max: 4, standard: 1 },
	fmDecay: { min: 30, max: 2000, standard: 260 },
	fmFeedback: { min: 0, max: 100, standard: 20 }
};
const [INDEX, RATIO, DECAY, FEEDBACK] = [0, 1, 2, 3] as const;

class FmSpeaker implements Speaker {
	private readonly knobs: Knobs<keyof typeof RANGES>;
	private readonly sampleRate: number;
	private readonly amp: Envelope;
	private readonly sweep: Envelope;
	private readonly glideRate: number;
	private frequencyHz = 55;
	private targetHz = 55;
	private carrier = 0;
	private modulator = 0;
	private fedBack = 0;
	private gain = 0;
	private depth = 0;

	constructor(sampleRate: number, knobs: Knobs<keyof typeof RANGES>) {
		this.sampleRate = sampleRate;
		this.knobs = knobs;
		this.amp = new Envelope(sampleRate);
		this.sweep = new Envelope(sampleRate);
		this.glideRate = followerRate(GLIDE_TIME_CONSTANT, sampleRate);
	}

	get level(): number {
		return this.amp.value;
	}

	start(frequencyHz: number, velocity: number, accent: boolean): void {
		if (this.level === 0) this.carrier = this.modulator = this.fedBack = 0;
		this.frequencyHz = this.targetHz = frequencyHz;
		this.gain = 0.4 * (0.45 + 0.55 * velocity) * (accent ? 1.25 : 1);
		this.depth = (0.5 + 0.5 * velocity) * (accent ? 1.35 : 1);
		this.amp.attack(0.003, AMP_DECAY_SECONDS, 0.5);
		this.sweep.attack(0.002, this.knobs.at(DECAY) / 1000, 0.12);
	}

	glide(frequencyHz: number): void {
		this.targetHz = frequencyHz;
	}

	release(): void {
		this.amp.release(RELEASE_SECONDS);
	}

	stop(): void {
		this.amp.stop();
		this.sweep.stop();
	}

	next(): number {
		const { knobs } = this;
		this.frequencyHz += (this.targetHz - this.frequencyHz) * this.glideRate;
		const increment = this.frequencyHz / this.sampleRate;
		const ratio = knobs.at(RATIO);
		this.carrier = (this.carrier + increment) % 1;
		this.modulator = (this.modulator + increment * ratio) % 1;
		// The highest side band that matters lies near carrier + (index + 2) ratios: keep it below 0.4 of the rate.
		const room = Math.max(0, (0.4 / increment - 1) / ratio - 2);
		const index = Math.min(
			room,
			(MOST_INDEX * this.depth * knobs.at(INDEX) * this.sweep.next()) / 100
		);
		const feedback = (MOST_FEEDBACK * knobs.at(FEEDBACK)) / 100;
		const wave = Math.sin(2 * Math.PI * this.modulator + feedback * this.fedBack);
		this.fedBack = 0.5 * (this.fedBack + wave);
		return this.gain * this.amp.next() * Math.sin(2 * Math.PI * this.carrier + index * wave);
	}
}

/** The FM bass at a sample rate. */
export function createFmBass(sampleRate: number): PolyVoice {
	const knobs = new Knobs(sampleRate, RANGES);
	const speakers = Array.from({ length: SPEAKERS }, () => new FmSpeaker(sampleRate, knobs));
	return new PolyVoice(sampleRate, speakers, knobs);
}
