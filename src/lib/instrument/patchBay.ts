/**
 * Where signals meet knobs: wraps a synth so that every note first sets the parameters that its signals turn, and a MIDI
 * output so that every note is preceded by its controllers. The knob of the person stays where it is; cables move the
 * sound around it.
 */
import type { PlayedNote, Voice } from '../clock/voice';
import { fromTravel, toTravel, type VoiceTrack } from '../controls/parameters';
import type { ParameterValues } from '../controls/parameterValues';
import type { MidiVoice } from '../midi/midiVoice';
import type { Tap } from '../signals/frameSignals';
import { deviation, knobOf, type Cable } from '../signals/patch';

export interface PatchBayOptions {
	values: ParameterValues;
	/** the signal at a tap over the frames first to last, 0..1; null where there is none */
	signal(tap: Tap, first: number, last: number): number | null;
	/** sets a parameter at a moment, in audio-context seconds, without moving its knob */
	turn(parameter: string, value: number, audioTime: number): void;
}

/** What a cable carried with a note: its deviation after curve and smoothing, -1..1. */
interface Carried {
	time: number;
	value: number;
}

/** Notes whose values a cable remembers, so that a view can show what is heard and not what is scheduled. */
const CARRIED_KEPT = 24;

export class PatchBay {
	readonly #options: PatchBayOptions;
	#cables: readonly Cable[] = [];
	readonly #carried = new Map<Cable, Carried[]>();
	/** parameters that are away from their knobs */
	readonly #moved = new Set<string>();
	/** the last value of each controller, by track and number */
	readonly #sent = new Map<string, number>();

	constructor(options: PatchBayOptions) {
		this.#options = options;
	}

	get cables(): readonly Cable[] {
		return this.#cables;
	}

	/** Replaces all cables; a knob that none turns any more goes back at the next note. */
	setCables(cables: readonly Cable[]): void {
		const before = [...this.#carried];
		this.#cables = cables;
		this.#carried.clear();
		for (const cable of cables) {
			const found = before.find(([known]) => hangsAlike(known, cable));
			if (found) this.#carried.set(cable, found[1]);
		}
	}

	/** What a cable carried at a moment, in audio-context seconds, -1..1; null before its first note. */
	carriedAt(cable: Cable, audioTime: number): number | null {
		const carried = this.#carried.get(cable);
		return carried?.findLast(({ time }) => time <= audioTime)?.value ?? null;
	}

	/** A synth whose notes turn knobs. */
	voice(track: VoiceTrack, voice: Voice): Voice {
		return {
			play: (note, time) => {
				this.#turnKnobs(track, note, time);
				voice.play(note, time);
			},
			set: (parameter, value, time) => voice.set(parameter, value, time),
			advance: (time) => voice.advance?.(time),
			silence: (time) => voice.silence(time),
			dispose: () => voice.dispose()
		};
	}

	/** A MIDI output whose notes send their controllers first. */
	midiVoice(voice: MidiVoice): Voice {
		this.#sent.clear();
		return {
			play: (note, time) => {
				this.#sendControllers(note, time, voice);
				voice.play(note, time);
			},
			set: () => undefined,
			advance: (time) => voice.advance(time),
			silence: (time) => voice.silence(time),
			dispose: () => voice.dispose()
		};
	}

	#turnKnobs(track: VoiceTrack, note: PlayedNote, time: number): void {
		const { values, turn } = this.#options;
		const depth = this.#depth;
		const turned = new Set(this.#moved);
		for (const cable of this.#cables) {
			const knob = knobOf(cable);
			if (cable.track !== track || !knob || depth === 0) continue;
			if (this.#carry(cable, note, time)) turned.add(knob.id);
		}
		for (const id of turned) {
			const cables = depth > 0 ? this.#cables.filter((cable) => knobOf(cable)?.id === id) : [];
			const knob = cables[0] && knobOf(cables[0]);
			if (!knob) {
				this.#moved.delete(id);
				turn(id, values.get(id), time);
			} else if (cables.some((cable) => cable.track === track)) {
				const travel = toTravel(knob, values.get(id)) + depth * this.#pull(cables);
				turn(id, fromTravel(knob, Math.max(0, Math.min(1, travel))), time);
				this.#moved.add(id);
			}
		}
	}

	#sendControllers(note: PlayedNote, time: number, voice: MidiVoice): void {
		const depth = this.#depth;
		const own = this.#cables.filter(
			(cable) => cable.track === note.track && 'controller' in cable.target
		);
		const numbers = new Set(
			own.map(({ target }) => ('controller' in target ? target.controller : -1))
		);
		for (const controller of numbers) {
			const cables = own.filter(
				({ target }) => 'controller' in target && target.controller === controller
			);
			for (const cable of cables) this.#carry(cable, note, time);
			const [{ target }] = cables as [Cable];
			const rest = 'rest' in target ? target.rest : 64;
			const value = Math.round(Math.max(0, Math.min(127, rest + 127 * depth * this.#pull(cables))));
			const place = `${note.track} ${controller}`;
			if (this.#sent.get(place) === value) continue;
			this.#sent.set(place, value);
			voice.control(note.track, controller, value, time);
		}
	}

	get #depth(): number {
		return this.#options.values.get('patch.amount') / 100;
	}

	/** How far cables move what they hang at, as a share of its travel. */
	#pull(cables: readonly Cable[]): number {
		return cables.reduce(
			(sum, cable) => sum + cable.amount * (this.#carried.get(cable)?.at(-1)?.value ?? 0),
			0
		);
	}

	/** Takes what a note gives a cable. False where nothing is known of the note and the cable never carried anything. */
	#carry(cable: Cable, note: PlayedNote, time: number): boolean {
		const signal = this.#options.signal(cable, note.frames.first, note.frames.last);
		const carried = this.#carried.get(cable) ?? [];
		const before = carried.at(-1);
		if (signal === null && !before) return false;
		const heard = signal === null ? 0 : deviation(signal, cable.curve);
		const passed = before ? time - before.time : Infinity;
		const isFresh = !before || passed < 0 || cable.smoothing === 0;
		const value = isFresh
			? heard
			: before.value + (heard - before.value) * (1 - Math.exp(-passed / cable.smoothing));
		this.#carried.set(
			cable,
			[...carried.filter((one) => one.time < time), { time, value }].slice(-CARRIED_KEPT)
		);
		return true;
	}
}

/** Whether two cables lead from the same place to the same knob, however far they turn it. */
function hangsAlike(a: Cable, b: Cable): boolean {
	const ends = ({ signal, layers, heads, directions, track, target }: Cable) =>
		JSON.stringify([
			...[signal, layers, heads, directions, track],
			'parameter' in target ? target.parameter : target.controller
		]);
	return ends(a) === ends(b);
}
