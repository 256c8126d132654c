/**
 * A polyphonic NoteMachine: hands notes to speakers, ends them, lets a sliding note glide into the next, silences all. What a
 * note sounds like is the speakers' business.
 */
import { EventQueue } from './eventQueue';
import type { Knobs } from './knobs';
import {
	bounded,
	followerRate,
	frequencyOfPitch,
	type NoteMachine,
	SILENCE_SECONDS,
	type VoiceMessage
} from './noteMachine';
import { ACCENT_FLAG, enqueue, NOTE, OWN_EVENT, SET, SLIDE_FLAG } from './voiceEvents';

/** Ends the note that a speaker plays, unless it plays another by then. */
const RELEASE = OWN_EVENT;
/** A sliding note waits this long past its end for the one that it glides into. */
const SLIDE_HOLD_SECONDS = 0.08;

/** One note at a time. */
export interface Speaker {
	/** what it still puts out, 0..1; 0 when it is free */
	readonly level: number;
	/** Begins a note; velocity 0..1. */
	start(frequencyHz: number, velocity: number, accent: boolean): void;
	/** Goes on to another pitch without a new attack. */
	glide(frequencyHz: number): void;
	/** Lets the note die away. */
	release(): void;
	/** Is silent at once. */
	stop(): void;
	next(): number;
}

export class PolyVoice implements NoteMachine {
	private readonly queue = new EventQueue();
	private readonly speakers: readonly Speaker[];
	private readonly knobs: Knobs<string>;
	/** which note a speaker plays: a release of an older one is ignored */
	private readonly generations: Int32Array;
	private readonly slideHoldFrames: number;
	private readonly silenceFactor: number;
	private sliding = -1;
	private slidesUntil = 0;
	private fade = 1;
	private fading = false;

	constructor(sampleRate: number, speakers: readonly Speaker[], knobs: Knobs<string>) {
		this.speakers = speakers;
		this.knobs = knobs;
		this.generations = new Int32Array(speakers.length);
		this.slideHoldFrames = Math.round(SLIDE_HOLD_SECONDS * sampleRate);
		this.silenceFactor = 1 - followerRate(SILENCE_SECONDS / 4, sampleRate);
	}

	schedule(message: VoiceMessage): void {
		enqueue(this.queue, message, (name) => this.knobs.indexOf(name));
	}

	render(output: Float32Array, startFrame: number): void {
		const { speakers } = this;
		for (let i = 0; i < output.length; i++) {
			while (this.queue.nextFrame <= startFrame + i) this.act(startFrame + i);
			this.knobs.advance();
			let sum = 0;
			for (let s = 0; s < speakers.length; s++) {
				const speaker = speakers[s]!;
				if (speaker.level > 0) sum += speaker.next();
			}
			if (this.fading) sum = this.faded(sum);
			if (!(Math.abs(sum) < 64)) {
				this.stopAll(); // a number ran away: begin afresh rather than pass it on
				sum = 0;
			}
			output[i] = sum;
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
				this.knobs.set(queue.a, queue.b);
				return;
			case RELEASE:
				if (this.generations[queue.a] === queue.b) this.speakers[queue.a]!.release();
				return;
			default:
				this.fading = true;
				this.sliding = -1;
		}
	}

	private start(
		frame: number,
		pitch: number,
		velocity: number,
		duration: number,
		flags: number
	): void {
		if (this.fading) this.stopAll();
		const frequencyHz = frequencyOfPitch(bounded(pitch, 0, 127, 60));
		const slides = (flags & SLIDE_FLAG) !== 0;
		const length = bounded(duration, 1, 1e9, 4800) + (slides ? this.slideHoldFrames : 0);
		const tied = this.sliding >= 0 && frame <= this.slidesUntil;
		const index = tied ? this.sliding : this.quietest();
		const speaker = this.speakers[index]!;
		if (tied) speaker.glide(frequencyHz);
		else speaker.start(frequencyHz, bounded(velocity, 0, 1, 0.8), (flags & ACCENT_FLAG) !== 0);
		this.generations[index]! += 1;
		this.queue.insert(frame + length, RELEASE, index, this.generations[index]!);
		this.sliding = slides ? index : -1;
		this.slidesUntil = frame + length;
	}

	private quietest(): number {
		let best = 0;
		for (let s = 1; s < this.speakers.length; s++)
			if (this.speakers[s]!.level < this.speakers[best]!.level) best = s;
		return best;
	}

	private faded(sample: number): number {
		this.fade *= this.silenceFactor;
		if (this.fade < 1e-5) this.stopAll();
		return sample * this.fade;
	}

	private stopAll(): void {
		for (const speaker of this.speakers) speaker.stop();
		this.fading = false;
		this.fade = 1;
	}
}
