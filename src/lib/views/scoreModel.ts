/**
 * What the score knows between two paintings: the notes in sight, the arcs alight, the facts of the bars. Built on the
 * handle alone; draws nothing.
 */
import { VOICE_TRACKS, parameterOf, speakParameter, type VoiceTrack } from '../controls/parameters';
import type { Instrument, Phase, ScheduledNote } from '../instrumentHandle';
import type { NoteEvent } from '../music/notes';
import { heaviestArcs, noteEdges, type Arc, type Selection, type Sequence } from './arcs';
import { BarBook } from './barBook';
import type { Palette } from './palette';
import type { Picture } from './picture';
import { Scene, landings } from './scene';
import {
	INITIAL_SCALES,
	beatsInSight,
	noteUnder,
	scoreLayout,
	widened,
	type LaneScales,
	type Point,
	type ScoreLayout
} from './scoreLayout';

/** Arcs of one note: while it sounds, and while it is looked at closely. */
const ARCS_SOUNDING = { count: 8, near: 2 };
const ARCS_INSPECTED = { count: 14, near: 6 };
/** Notes are fetched this many beats beyond what is in sight, and again when the music has moved on by one beat. */
const MARGIN_BEATS = 16;

interface Moment {
	palette: Palette;
	width: number;
	height: number;
	/** `performance.now()` milliseconds */
	time: number;
	still: boolean;
	depths: readonly boolean[];
	/** where the pointer is, in the window */
	pointer: Point | null;
	/** the track whose notes the panels explain when several sound at once */
	favoured: VoiceTrack;
}

export class ScoreModel {
	readonly #handle: Instrument;
	readonly #scene = new Scene();
	readonly #book = new BarBook();
	readonly #unsubscribe: (() => void)[];
	#scales: LaneScales = INITIAL_SCALES;
	#layout: ScoreLayout = scoreLayout(1, 1, INITIAL_SCALES);
	#notes: NoteEvent[] = [];
	#fetchedAt = Number.NaN;
	#coming: ScheduledNote[] = [];
	#phase: Phase;

	constructor(handle: Instrument) {
		this.#handle = handle;
		this.#phase = handle.state.phase;
		this.#unsubscribe = [
			handle.on('bar', (bar) => {
				this.#book.write(bar.startBeat, bar);
				this.#fetchedAt = Number.NaN;
			}),
			handle.on('note', (scheduled) => {
				if (!document.hidden && !scheduled.muted) this.#coming.push(scheduled);
			}),
			handle.on('state', ({ phase }) => {
				if (phase !== this.#phase && (phase === 'stopped' || phase === 'starting')) this.#rewind();
				this.#phase = phase;
			})
		];
	}

	get layout(): ScoreLayout {
		return this.#layout;
	}

	/** The picture of a moment, the note under the pointer, and the note that began to sound since the last one. */
	picture(moment: Moment): { picture: Picture; begun: NoteEvent | null } {
		const { time, still, palette } = moment;
		const handle = this.#handle;
		const now = handle.beat();
		this.#measure(moment, now);
		const begun = this.#hear(moment);
		const inspected = moment.pointer && noteUnder(this.#layout, this.#notes, moment.pointer, now);
		const alight = inspected
			? this.#arcsOf(inspected, { ...ARCS_INSPECTED, depths: moment.depths }).map((arc) => ({
					arc: { ...arc, born: time },
					phase: { tail: 0, tip: 1, brightness: 1 }
				}))
			: this.#scene.alight(time, still).filter(({ arc }) => moment.depths[arc.depth]);
		return {
			begun,
			picture: {
				layout: this.#layout,
				palette,
				now,
				notes: this.#notes,
				silent: silentTracks(handle),
				alight,
				landed: landings(alight),
				inspected,
				barAt: (index) => this.#book.at(index),
				pending: pendingFlags(handle),
				playing: this.#phase === 'playing'
			}
		};
	}

	dispose(): void {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
	}

	#measure({ width, height }: Moment, now: number): void {
		const moved = Math.abs(now - this.#fetchedAt);
		const resized = width !== this.#layout.width || height !== this.#layout.height;
		if (moved < 1 && !resized) return;
		this.#layout = scoreLayout(width, height, this.#scales);
		const { from, to } = beatsInSight(this.#layout, now);
		this.#notes = this.#handle.notesBetween(from - MARGIN_BEATS, to + 1);
		this.#fetchedAt = now;
		this.#scales = widened(this.#scales, this.#notes);
		this.#layout = scoreLayout(width, height, this.#scales);
	}

	/** Lights the arcs of the notes whose moment has come. */
	#hear({ time, depths, favoured }: Moment): NoteEvent | null {
		const heard = this.#coming.filter(({ performanceTime }) => performanceTime <= time);
		if (heard.length === 0) return null;
		this.#coming = this.#coming.filter(({ performanceTime }) => performanceTime > time);
		const { count, near } = ARCS_SOUNDING;
		const share = Math.max(3, Math.min(count, Math.round((2 * count) / (1 + heard.length))));
		for (const { note, performanceTime } of heard) {
			this.#scene.light(this.#arcsOf(note, { count: share, near, depths }), performanceTime);
		}
		const favourite = heard.find(({ note }) => note.track === favoured) ?? heard[0];
		return favourite?.note ?? null;
	}

	#arcsOf(note: NoteEvent, selection: Selection): Arc[] {
		return heaviestArcs(note, noteEdges(note, sequenceOf(this.#handle)), selection);
	}

	#rewind(): void {
		this.#scene.clear();
		this.#coming = [];
		this.#book.clear();
		this.#notes = [];
		this.#fetchedAt = Number.NaN;
		this.#scales = INITIAL_SCALES;
	}
}

/** The handle as arcs and heads look things up in it. */
export function sequenceOf(handle: Instrument): Sequence {
	const { model } = handle.state;
	return {
		frame: (position) => handle.frame(position),
		noteAt: (position) => handle.noteAt(position),
		window: model.phase === 'ready' ? model.model.window : Number.POSITIVE_INFINITY
	};
}

/** Tracks that are muted, or not the ones that are soloed. */
export function silentTracks(handle: Instrument): Set<VoiceTrack> {
	const soloing = VOICE_TRACKS.some((track) => handle.get(`${track}.solo`));
	return new Set(
		VOICE_TRACKS.filter(
			(track) => handle.get(`${track}.mute`) || (soloing && !handle.get(`${track}.solo`))
		)
	);
}

function pendingFlags(handle: Instrument): Picture['pending'] {
	return Object.entries(handle.state.pending).map(([id, beat]) => {
		const parameter = parameterOf(id);
		return { beat, label: `${parameter.label} ${speakParameter(parameter, handle.get(id))}` };
	});
}
