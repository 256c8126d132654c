/**
 * Access to MIDI outputs through WebMidi.js: asked for on demand, kept current as devices come and go, with the chosen
 * output remembered by name and manufacturer, since ids differ between sessions. The composition root creates the only
 * instance, because WebMidi.js itself is one object.
 */
import { WebMidi, type Output } from 'webmidi';
import type { MidiPort, MidiState } from '../instrumentHandle';
import {
	deniedMessage,
	failedMessage,
	unpluggedMessage,
	unsupportedMessage,
	type MidiSurroundings
} from './midiProblem';

export interface MidiAccessOptions {
	surroundings: MidiSurroundings;
	/** where the chosen output is remembered, or null for nowhere */
	storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
	/** `state` or `problem` changed, or another Output took the place of the chosen one */
	onChange(): void;
}

/** What a device is known by from one session to the next. */
interface Identity {
	name: string;
	manufacturer: string;
}

/** Holds name and manufacturer, a line each. */
const STORAGE_KEY = 'keyQueryVoice.midiOutput';

export class MidiAccess {
	readonly #options: MidiAccessOptions;
	#phase: MidiState['phase'] = 'unasked';
	#problem: string | null = null;
	#asking: Promise<void> | null = null;
	/** id and identity of the chosen output, connected or not */
	#chosen: (Identity & { id: string }) | null = null;
	readonly #onPortsChanged = () => this.#portsChanged();

	constructor(options: MidiAccessOptions) {
		this.#options = options;
		if (!options.surroundings.supported) this.#phase = 'unsupported';
	}

	/** A fresh copy of how things stand. A chosen output that is disconnected stays in the list. */
	get state(): MidiState {
		const outputs: MidiPort[] = this.#outputs().map(({ id, name }) => ({
			id,
			name,
			connected: true
		}));
		const chosen = this.#chosen;
		if (chosen && !outputs.some(({ id }) => id === chosen.id)) {
			outputs.push({ id: chosen.id, name: chosen.name, connected: false });
		}
		return { phase: this.#phase, outputs, output: chosen?.id ?? null };
	}

	/** What a person should know about it: what happened, what it means, what to do. Null when all is well. */
	get problem(): string | null {
		return this.#problem;
	}

	/** The chosen output while it is connected. */
	get output(): Output | null {
		return this.#outputs().find(({ id }) => id === this.#chosen?.id) ?? null;
	}

	/** Asks the browser for MIDI, without system-exclusive messages. Never rejects: see `state.phase` and `problem`. */
	request(): Promise<void> {
		this.#asking ??= this.#ask().finally(() => (this.#asking = null));
		return this.#asking;
	}

	/**
	 * Chooses an output by id and remembers it, or none for null. Throws a RangeError for an id that is not in the list.
	 */
	choose(id: string | null): void {
		if (id === null) {
			this.#chosen = null;
			this.#options.storage?.removeItem(STORAGE_KEY);
		} else {
			const output = this.#outputs().find((port) => port.id === id);
			if (!output) throw new RangeError(`There is no connected MIDI output with the id "${id}".`);
			this.#chosen = { id, ...identityOf(output) };
			this.#remember(identityOf(output));
		}
		if (this.#phase === 'granted') this.#problem = null;
		this.#options.onChange();
	}

	/** Lets all ports go. The permission stays. */
	async dispose(): Promise<void> {
		if (!WebMidi.enabled) return;
		WebMidi.interface.removeEventListener('statechange', this.#onPortsChanged);
		this.#phase = 'unasked';
		await WebMidi.disable();
	}

	async #ask(): Promise<void> {
		if (this.#phase === 'granted') return;
		if (!this.#options.surroundings.supported) {
			this.#settle('unsupported', unsupportedMessage(this.#options.surroundings));
			return;
		}
		this.#settle('asking', null);
		try {
			await WebMidi.enable({ sysex: false });
		} catch (error) {
			// One port that another program holds makes WebMidi.js reject, though access was granted and the others work.
			if (!WebMidi.enabled) {
				this.#refused(error);
				return;
			}
		}
		WebMidi.interface.addEventListener('statechange', this.#onPortsChanged);
		this.#chooseRemembered();
		this.#settle('granted', null);
	}

	#refused(error: unknown): void {
		const { surroundings } = this.#options;
		const name = error instanceof Error ? error.name : '';
		if (name === 'NotSupportedError') {
			this.#settle('unsupported', unsupportedMessage(surroundings));
		} else if (name === 'NotAllowedError' || name === 'SecurityError') {
			this.#settle('denied', deniedMessage(surroundings));
		} else {
			this.#settle(
				'unasked',
				failedMessage(error instanceof Error ? error.message : String(error))
			);
		}
	}

	#settle(phase: MidiState['phase'], problem: string | null): void {
		this.#phase = phase;
		this.#problem = problem;
		this.#options.onChange();
	}

	/** Runs after WebMidi.js, which heard of the change first and has its list in order. */
	#portsChanged(): void {
		const chosen = this.#chosen;
		if (chosen && !this.output) {
			const back = this.#outputs().find((output) => sameDevice(identityOf(output), chosen));
			if (back) chosen.id = back.id;
		} else if (!chosen) this.#chooseRemembered();
		const away = this.#chosen && !this.output;
		this.#problem = away ? unpluggedMessage(this.#chosen!.name) : null;
		this.#options.onChange();
	}

	#chooseRemembered(): void {
		const remembered = this.#remembered();
		const output =
			remembered && this.#outputs().find((port) => sameDevice(identityOf(port), remembered));
		if (output) this.#chosen = { id: output.id, ...identityOf(output) };
	}

	#outputs(): Output[] {
		return this.#phase === 'unasked' ? [] : WebMidi.outputs;
	}

	#remember(identity: Identity): void {
		try {
			this.#options.storage?.setItem(STORAGE_KEY, `${identity.name}\n${identity.manufacturer}`);
		} catch (error) {
			// A full storage costs the memory of the choice and nothing else.
			console.warn('The chosen MIDI output could not be remembered.', error);
		}
	}

	#remembered(): Identity | null {
		const text = this.#options.storage?.getItem(STORAGE_KEY);
		if (!text) return null;
		const [name = '', manufacturer = ''] = text.split('\n');
		return { name, manufacturer };
	}
}

function identityOf(output: Output): Identity {
	return { name: output.name, manufacturer: output.manufacturer };
}

function sameDevice(a: Identity, b: Identity): boolean {
	return a.name === b.name && a.manufacturer === b.manufacturer;
}
