/** Joins the browser's MIDI and the player: the chosen output becomes a voice of the scheduler, and stays one. */
import type { Voice } from '../clock/voice';
import type { ParameterValues } from '../controls/parameterValues';
import { MidiAccess } from '../midi/midiAccess';
import { MidiVoice } from '../midi/midiVoice';
import type { Player } from './player';
import type { StateStore } from './stateStore';

export class MidiConnection {
	readonly #access: MidiAccess;
	readonly #values: ParameterValues;
	readonly #store: StateStore;
	readonly #patched: (voice: MidiVoice) => Voice;
	#player: Player | null = null;
	/** id of the output that the player plays through */
	#connected: string | null = null;

	/** @param patched puts the patch bay before an output */
	constructor(values: ParameterValues, store: StateStore, patched: (voice: MidiVoice) => Voice) {
		this.#patched = patched;
		this.#values = values;
		this.#store = store;
		this.#access = new MidiAccess({
			surroundings: {
				supported: 'requestMIDIAccess' in navigator,
				secure: isSecureContext,
				userAgent: navigator.userAgent
			},
			storage: storageOfPage(),
			onChange: () => this.#changed()
		});
		store.update({ midi: this.#access.state });
	}

	/** Plays through the chosen output from now on. */
	attach(player: Player): void {
		this.#player = player;
		this.#connect();
	}

	request(): Promise<void> {
		return this.#access.request();
	}

	/** Throws a RangeError for an id that is not in the list. */
	choose(outputId: string | null): void {
		this.#access.choose(outputId);
	}

	#changed(): void {
		const { output, problem, state } = this.#access;
		if ((output?.id ?? null) !== this.#connected) this.#connect();
		this.#store.update({ midi: state });
		if (problem) {
			this.#store.notify({
				id: 'midi',
				level: 'warning',
				message: problem,
				action: 'request midi'
			});
		} else this.#store.dismiss('midi');
	}

	#connect(): void {
		const player = this.#player;
		if (!player) return;
		const { output } = this.#access;
		this.#connected = output?.id ?? null;
		player.setMidi(
			output &&
				this.#patched(
					new MidiVoice({
						output,
						toPerformance: (audioTime) => player.heardAt(audioTime),
						channelOf: (track) => (track === 'guest' ? 0 : this.#values.get(`${track}.channel`))
					})
				)
		);
	}
}

/** Where choices are remembered; null where the browser keeps nothing for this page and throws when asked. */
function storageOfPage(): Storage | null {
	try {
		return localStorage;
	} catch {
		return null;
	}
}
