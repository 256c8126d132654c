/**
 * The instrument's events as runes: what Svelte components read of the handle. Holds no logic of its own; every change
 * goes through the handle and comes back as an event.
 */
import { SvelteMap } from 'svelte/reactivity';
import type {
	Instrument,
	InstrumentState,
	Loudness,
	MidiPort,
	ModelLoading,
	Patch
} from '../instrumentHandle';
import { BEATS_PER_BAR } from '../music/vocabulary';
import { VOICE_TRACKS, parameterOf, type VoiceTrack } from './parameters';

export type Channel = VoiceTrack | 'master';

export class LiveInstrument {
	readonly handle: Instrument;
	state = $state.raw() as InstrumentState;
	/** the beat that is heard, in whole beats from the start of the set, or of the score that plays in its place */
	wholeBeat = $state(0);
	/** the track whose voice is open */
	openTrack = $state<VoiceTrack>('bass');
	/** which signals turn which knobs */
	cables = $state.raw<Patch['cables']>([]);
	/** the patches that the person keeps */
	keptPatches = $state.raw<Patch['kept']>([]);
	/** how loud the set is; null before the first Start */
	loudness = $state.raw<Loudness | null>(null);
	readonly levels = new SvelteMap<Channel, number>();
	readonly #values = new SvelteMap<string, number>();
	readonly #unsubscribe: (() => void)[];

	constructor(handle: Instrument) {
		this.handle = handle;
		this.state = handle.state;
		this.cables = handle.patch.cables;
		this.keptPatches = handle.patch.kept;
		for (const { id } of handle.parameters) this.#values.set(id, handle.get(id));
		this.#unsubscribe = [
			handle.on('state', (state) => {
				this.state = { ...state };
			}),
			handle.on('patch', (cables) => {
				this.cables = cables;
			}),
			handle.on('patches', (patches) => {
				this.keptPatches = patches;
			}),
			handle.on('parameter', ({ id, value }) => {
				this.#values.set(id, value);
			})
		];
	}

	/** The value of a parameter, tracked. */
	value(id: string): number {
		return this.#values.get(id) ?? parameterOf(id).default;
	}

	set(id: string, value: number): void {
		this.#values.set(id, this.handle.set(id, value));
	}

	toggle(id: string): void {
		this.set(id, this.value(id) ? 0 : 1);
	}

	/** Beats until a change of the parameter is heard, 1 at least; null when none is on its way. */
	beatsUntil(id: string): number | null {
		const beat = this.state.pending[id];
		return beat === undefined ? null : Math.max(1, beat - this.wholeBeat);
	}

	/** `bar.beat`, both counted from 1, as musicians do. */
	get clock(): { bar: number; beat: number } {
		return {
			bar: Math.floor(this.wholeBeat / BEATS_PER_BAR) + 1,
			beat: (this.wholeBeat % BEATS_PER_BAR) + 1
		};
	}

	get playing(): boolean {
		return this.state.phase === 'playing' || this.state.phase === 'starting';
	}

	/** The model that is on its way: the first one, or another beside the one in use. */
	get loading(): ModelLoading | null {
		const { model, nextModel } = this.state;
		return model.phase === 'loading' ? model : nextModel;
	}

	/** The outputs that can be chosen: those that are connected, and the chosen one. */
	get outputs(): MidiPort[] {
		const { outputs, output } = this.state.midi;
		return outputs.filter((port) => port.connected || port.id === output);
	}

	/** Reads the clock and the meters; call it a few dozen times a second while the page is seen. */
	poll(): void {
		const heard = this.state.score ? this.handle.scores.beat() : this.handle.beat();
		const beat = Math.max(0, Math.floor(heard));
		if (beat !== this.wholeBeat) this.wholeBeat = beat;
		for (const channel of [...VOICE_TRACKS, 'master'] as const) {
			const before = this.levels.get(channel) ?? 0;
			const level = Math.max(this.handle.level(channel), before * 0.82);
			this.levels.set(channel, level < 0.002 ? 0 : level);
		}
		this.loudness = this.handle.loudness();
	}

	dispose(): void {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
	}
}
