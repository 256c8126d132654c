/** The note that the panels explain: the one under the pointer, else the one that sounds. And which layers are shown. */
import type { VoiceTrack } from '../controls/parameters';
import type { NoteEvent } from '../music/notes';

/** A sounding note stays in the light this long, so that what is written about it can be read; */
const HOLD_MS = 420;
/** one of the open track this long, unless the next is of that track too; */
const HOLD_FAVOURED_MS = 1000;
/** and one of another track gives way to the open track this soon. */
const YIELD_MS = 160;

export class Spotlight {
	/** early, middle and late layers: whether their arcs are drawn */
	depths = $state<[boolean, boolean, boolean]>([true, true, true]);
	#inspected = $state.raw<NoteEvent | null>(null);
	#sounding = $state.raw<NoteEvent | null>(null);
	#since = 0;

	get note(): NoteEvent | null {
		return this.#inspected ?? this.#sounding;
	}

	get inspected(): NoteEvent | null {
		return this.#inspected;
	}

	inspect(note: NoteEvent | null): void {
		if (note !== this.#inspected) this.#inspected = note;
	}

	/** A note is heard at `time` (milliseconds); notes of the `favoured` track, the open one, are preferred. */
	sound(note: NoteEvent, time: number, favoured: VoiceTrack): void {
		const shown = this.#sounding?.track === favoured;
		const next = note.track === favoured;
		const hold = shown === next ? HOLD_MS : shown ? HOLD_FAVOURED_MS : YIELD_MS;
		if (time - this.#since < hold) return;
		this.#since = time;
		this.#sounding = note;
	}

	clear(): void {
		this.#inspected = null;
		this.#sounding = null;
		this.#since = 0;
	}
}
