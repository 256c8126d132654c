/** What the pages see of the instrument, as one immutable object that is replaced when something changes. */
import { STYLES_WITH_OPENING } from '../generate/openings';
import type { InstrumentState, Notice } from '../instrumentHandle';

export class StateStore {
	readonly #onChange: (state: InstrumentState) => void;
	#state: InstrumentState = {
		phase: 'idle',
		engineChoice: 'auto',
		styles: STYLES_WITH_OPENING,
		model: { phase: 'absent' },
		nextModel: null,
		midi: { phase: 'unasked', outputs: [], output: null },
		notices: [],
		barsAhead: 0,
		repeating: false,
		pending: {},
		recording: { phase: 'off' },
		opening: null,
		score: null,
		soundBuffer: 'usual',
		outputLatencySeconds: 0
	};

	constructor(onChange: (state: InstrumentState) => void) {
		this.#onChange = onChange;
	}

	get current(): InstrumentState {
		return this.#state;
	}

	/** Replaces what differs; tells nobody when nothing does. */
	update(changes: Partial<InstrumentState>): void {
		const keys = Object.keys(changes) as (keyof InstrumentState)[];
		if (keys.every((key) => this.#state[key] === changes[key])) return;
		this.#state = { ...this.#state, ...changes };
		this.#onChange(this.#state);
	}

	/** Shows a notice, in the place of an older one with the same id. */
	notify(notice: Notice): void {
		const others = this.#state.notices.filter(({ id }) => id !== notice.id);
		this.update({ notices: [...others, notice] });
	}

	dismiss(id: string): void {
		if (!this.#state.notices.some((notice) => notice.id === id)) return;
		this.update({ notices: this.#state.notices.filter((notice) => notice.id !== id) });
	}

	/** Forgets what was pending and has come to act by `beat`. */
	settlePending(beat: number): void {
		const waiting = Object.entries(this.#state.pending).filter(([, at]) => at > beat);
		if (waiting.length < Object.keys(this.#state.pending).length) {
			this.update({ pending: Object.fromEntries(waiting) });
		}
	}
}
