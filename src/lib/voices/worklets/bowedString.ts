/**
 * A bowed string as a digital waveguide (McIntyre, Schumacher and Woodhouse, JASA 1983; J. O. Smith, ICMC 1986): two delay
 * lines, from the bow to the nut and to the bridge, a loss at the bridge, and a bow whose friction lets the string stick and
 * slip. Knobs: bowPressure (%), bowPosition (% of the string), bowVibrato (%), bowAttack (ms).
 */
import { Envelope } from './envelope';
import { Knobs } from './knobs';
import { followerRate } from './noteMachine';
import { PolyVoice, type Speaker } from './polyVoice';

const SPEAKERS = 2;
const LINE = 8192;
const MASK = LINE - 1;
const VIBRATO_HZ = 5.6;
/** Vibrato sets in after this long. */
const VIBRATO_DELAY_SECONDS = 0.25;
const VIBRATO_DEPTH = 0.009;
const GLIDE_TIME_CONSTANT = 0.03;
const RELEASE_SECONDS = 0.18;
/** Reflection at the bridge: a one-pole low-pass and a little loss. */
const BRIDGE_HZ = 4200;
const BRIDGE_GAIN = 0.96;

const RANGES = {
	bowPressure: { min: 0, max: 100, standard: 50 },
	bowPosition: { min: 4, max: 40, standard: 13 },
	bowVibrato: { min: 0, max: 100, standard: 40 },
	bowAttack: { min: 10, max: 800, standard: 70 }
};
const [PRESSURE, POSITION, VIBRATO, ATTACK] = [0, 1, 2, 3] as const;

/** A delay line that is read a fraction of a sample deep. */
class DelayLine {
	private readonly samples = new Float64Array(LINE);
	private position = 0;

	/** The sample that was written `delay` writes ago, linearly interpolated. */
	read(delay: number): number {
		const whole = Math.floor(delay);
		const fraction = delay - whole;
		const near = this.samples[(this.position - whole + LINE) & MASK]!;
		const far = this.samples[(this.position - whole - 1 + LINE) & MASK]!;
		return near + fraction * (far - near);
	}

	write(sample: number): void {
		this.position = (this.position + 1) & MASK;
		this.samples[this.position] = sample;
	}

	clear(): void {
		this.samples.fill(0);
	}
}

class BowedSpeaker implements Speaker {
	private readonly sampleRate: number;
	private readonly knobs: Knobs<keyof typeof RANGES>;
	private readonly nut = new DelayLine();
	private readonly bridge = new DelayLine();
	private readonly bow: Envelope;
	private readonly amp: Envelope;
	private readonly glideRate: number;
	private readonly pole: number;
	private frequencyHz = 220;
	private targetHz = 220;
	private vibrato = 0;
	private age = 0;
	private reflected = 0;
	private velocity = 0;
	private dc = 0;

	constructor(sampleRate: number, knobs: Knobs<keyof typeof RANGES>) {
		this.sampleRate = sampleRate;
		this.knobs = knobs;
		this.bow = new Envelope(sampleRate);
		this.amp = new Envelope(sampleRate);
		this.glideRate = followerRate(GLIDE_TIME_CONSTANT, sampleRate);
		this.pole = Math.exp((-2 * Math.PI * BRIDGE_HZ) / sampleRate);
	}

	get level(): number {
		return this.amp.value;
	}

	start(frequencyHz: number, velocity: number, accent: boolean): void {
		if (this.level === 0) this.clear();
		this.frequencyHz = this.targetHz = frequencyHz;
		this.velocity = 0.1 + 0.16 * velocity + (accent ? 0.04 : 0);
		this.age = 0;
		const attack = this.knobs.at(ATTACK) / 1000;
		this.bow.attack(attack * (accent ? 0.5 : 1), 0.4, 0.85);
		this.amp.attack(0.02, 1, 1);
	}

	glide(frequencyHz: number): void {
		this.targetHz = frequencyHz;
	}

	release(): void {
		this.bow.release(RELEASE_SECONDS / 2);
		this.amp.release(RELEASE_SECONDS);
	}

	stop(): void {
		this.bow.stop();
		this.amp.stop();
		this.clear();
	}

	next(): number {
		const { knobs, sampleRate } = this;
		this.frequencyHz += (this.targetHz - this.frequencyHz) * this.glideRate;
		this.age += 1 / sampleRate;
		this.vibrato = (this.vibrato + VIBRATO_HZ / sampleRate) % 1;
		const swing = Math.min(1, Math.max(0, (this.age - VIBRATO_DELAY_SECONDS) / 0.3));
		const depth = (VIBRATO_DEPTH * swing * knobs.at(VIBRATO)) / 100;
		const frequency = this.frequencyHz * (1 + depth * Math.sin(2 * Math.PI * this.vibrato));
		// Both lines, and the delay of the bridge's low-pass, make one period.
		const filterDelay = this.pole / (1 - this.pole);
		const length = Math.max(4, sampleRate / frequency - filterDelay - 2);
		const toBridge = Math.max(1, (length * knobs.at(POSITION)) / 100);
		const toNut = Math.max(1, length - toBridge);

		const arriving = this.bridge.read(toBridge);
		this.reflected = (1 - this.pole) * arriving + this.pole * this.reflected;
		const fromBridge = -BRIDGE_GAIN * this.reflected;
		const fromNut = -this.nut.read(toNut);
		const slip = this.velocity * this.bow.next() - (fromBridge + fromNut);
		const pushed = slip * this.grip(slip);
		this.nut.write(fromBridge + pushed);
		this.bridge.write(fromNut + pushed);

		this.dc += 0.001 * (arriving - this.dc);
		return 0.9 * this.amp.next() * (arriving - this.dc);
	}

	/** How much of the difference in speed the bow takes away: all while the string sticks, little when it slips. */
	private grip(slip: number): number {
		const pressure = this.knobs.at(PRESSURE) / 100;
		const slope = 5 - 4 * pressure;
		const friction = Math.pow(Math.abs(slip * slope) + 0.75, -4);
		return Math.min(1, friction);
	}

	private clear(): void {
		this.nut.clear();
		this.bridge.clear();
		this.reflected = this.dc = 0;
	}
}

/** The solo string at a sample rate: one melody, and the end of the note before. */
export function createBowedString(sampleRate: number): PolyVoice {
	const knobs = new Knobs(sampleRate, RANGES);
	const speakers = Array.from({ length: SPEAKERS }, () => new BowedSpeaker(sampleRate, knobs));
	return new PolyVoice(sampleRate, speakers, knobs);
}
