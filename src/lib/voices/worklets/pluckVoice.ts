/**
 * Plucked strings after Karplus and Strong with the extensions of Jaffe and Smith ("Digital Synthesis of Plucked-String
 * and Drum Timbres", "Extensions of the Karplus-Strong Plucked-String Algorithm", CMJ 1983): a burst of noise in a delay
 * line, low-passed on each turn; the decay time is the same at every pitch. Eight strings.
 */
import { EventQueue } from './eventQueue';
import {
	bounded,
	followerRate,
	frequencyOfPitch,
	type NoteMachine,
	SILENCE_SECONDS,
	type VoiceMessage
} from './noteMachine';
import { PluckedString } from './pluckedString';
import { enqueue, NOTE, SILENCE } from './voiceEvents';

const STRINGS = 8;
const KNOBS: readonly string[] = ['brightness', 'decay'];
const BRIGHTNESS = 0;

export class PluckVoice implements NoteMachine {
	private readonly queue = new EventQueue();
	private readonly strings: PluckedString[];
	private readonly silenceFactor: number;
	/** 0..1 */
	private brightness = 0.55;
	private decaySeconds = 0.26;
	private fade = 1;
	private fading = false;

	constructor(sampleRate: number) {
		this.strings = Array.from({ length: STRINGS }, (_, i) => new PluckedString(sampleRate, i + 1));
		this.silenceFactor = 1 - followerRate(SILENCE_SECONDS / 4, sampleRate);
	}

	schedule(message: VoiceMessage): void {
		enqueue(this.queue, message, (name) => KNOBS.indexOf(name));
	}

	render(output: Float32Array, startFrame: number): void {
		for (let i = 0; i < output.length; i++) {
			while (this.queue.nextFrame <= startFrame + i) this.act();
			let sum = 0;
			for (let s = 0; s < STRINGS; s++) {
				const string = this.strings[s]!;
				if (string.sounding) sum += string.next();
			}
			if (this.fading) sum = this.faded(sum);
			output[i] = sum;
		}
	}

	private act(): void {
		const { queue } = this;
		queue.shift();
		if (queue.kind === SILENCE) {
			this.fading = true;
		} else if (queue.kind === NOTE) {
			if (this.fading) this.damp();
			const pitch = bounded(queue.a, 12, 120, 60);
			const velocity = bounded(queue.b, 0, 1, 0.8);
			this.quietest().pluck(frequencyOfPitch(pitch), velocity, this.brightness, this.decaySeconds);
		} else if (queue.a === BRIGHTNESS) {
			this.brightness = bounded(queue.b / 100, 0, 1, this.brightness);
		} else {
			this.decaySeconds = bounded(queue.b / 1000, 0.02, 4, this.decaySeconds);
		}
	}

	private quietest(): PluckedString {
		let best = this.strings[0]!;
		for (const string of this.strings) if (string.level < best.level) best = string;
		return best;
	}

	private faded(sample: number): number {
		this.fade *= this.silenceFactor;
		if (this.fade < 1e-5) this.damp();
		return sample * this.fade;
	}

	private damp(): void {
		for (const string of this.strings) string.damp();
		this.fading = false;
		this.fade = 1;
	}
}
