/**
 * Writes bars with a decoder: feeds the opening, samples on, cuts the stream of tokens into bars, and takes bars back
 * when a control changes. This is where tokens become music; it knows neither threads nor engines.
 *
 * Positions are those of the set. A decoder that was rebuilt in the middle of a set counts from 0 again, so its frames
 * are moved by `origin` before anybody sees them.
 */
import type { Constraint, Decoder, Sampling } from '../model/decoder';
import { advance, copyState, initialState, type GrammarState } from '../model/tokenGrammar';
import { musicText, parseBars } from '../music/bars';
import { GRAMMAR } from '../music/grammar';
import { notesOfBar } from '../music/notes';
import { tokenOf, type Track } from '../music/vocabulary';
import {
	ANSWERING_BARS,
	ANSWERING_TEMPERATURE,
	FORM_PLACES,
	MIN_P,
	RESTING_BARS,
	STATE_TEMPERATURE,
	TONALITY_PLACES,
	WORN_BARS,
	answersChange,
	barBias,
	controlBias,
	demandChange,
	demandSound,
	lockScale,
	restingTracks,
	type Demand
} from './constraints';
import type { GenerationControls, WrittenBar } from './protocol';
import { ResidualWatch } from './residualWatch';
import { setFrames, slabOf, type SetFrame } from './setFrames';

/** Tokens asked of the decoder at once: one submit and one read-back on a GPU. */
const TOKENS_PER_CALL = 8;

/** Opening tokens fed at once, so that messages are heard in between. */
const PREFILL_CHUNK = 32;

/** A bar that reaches this length is made to end: four times the budget of a typical bar. */
const LONGEST_BAR = 440;

/** Bars that a rebuilt decoder reads again: enough for its bearings, few enough to be quick. */
const BARS_READ_AGAIN = 4;

/** Tokens that open a bar: BAR and its six controls. The scale lock waits until they are known. */
const HEAD_LENGTH = 7;

/** Bars whose beginnings are remembered. */
const BARS_KEPT = 64;

const BAR = tokenOf('BAR');

export class BarWriter {
	#decoder: Decoder;
	/** position in the set of the decoder's first token */
	#origin = 0;
	/** tokens of the bars that are kept, from the first kept bar on, the unfinished bar included */
	#tokens: number[] = [];
	/** position in the set of `#tokens[0]` */
	#start = 0;
	/** bar number → position of its BAR token, for the bars that are kept */
	#barStarts = new Map<number, number>();
	/** bars whose end has been seen */
	#written = 0;
	/** frames of the unfinished bar */
	#frames: SetFrame[] = [];
	/** grammar state after the last token */
	#state: GrammarState = initialState(GRAMMAR);
	/** by which tokens are drawn: chosen once a bar's head is known, and the same in every head */
	#stateTemperature = STATE_TEMPERATURE;
	readonly #residuals = new ResidualWatch();

	constructor(decoder: Decoder) {
		this.#decoder = decoder;
	}

	/** Bars that are complete, the opening included. */
	get written(): number {
		return this.#written;
	}

	get decoder(): Decoder {
		return this.#decoder;
	}

	/** Position in the set of the decoder's first token. */
	get origin(): number {
		return this.#origin;
	}

	/**
	 * Forgets everything, reads the opening (whole bars) and returns its bars with their frames. `between` runs between
	 * chunks; when it says false the reading is given up, and only the bars that were read whole come back: begin again,
	 * or adopt another decoder, before anything is written.
	 * Throws a MusicLanguageError when the opening is not in the language.
	 */
	async begin(opening: readonly number[], between: () => Promise<boolean>): Promise<WrittenBar[]> {
		const bars = parseBars(opening);
		this.#decoder.truncate(0);
		this.#origin = 0;
		this.#start = 0;
		this.#tokens = [...opening];
		this.#barStarts = new Map(bars.map(({ span }, bar) => [bar, span.first]));
		this.#written = bars.length;
		this.#frames = [];
		this.#state = stateAfter(initialState(GRAMMAR), opening);
		this.#residuals.begin();
		const frames: SetFrame[] = [];
		const read: WrittenBar[] = [];
		for (let at = 0; at < opening.length; at += PREFILL_CHUNK) {
			const slab = await this.#decoder.prefill(opening.slice(at, at + PREFILL_CHUNK));
			frames.push(...setFrames(slab, this.#origin));
			for (const { span } of bars.slice(read.length)) {
				if (span.last >= frames.length) break;
				const own = frames.slice(span.first, span.last + 1);
				const residuals = await this.#readResiduals(read.length, span.first, own.length);
				read.push(this.#barFrom(read.length, own, span.first, residuals, 0));
			}
			if (!(await between())) break;
		}
		return read;
	}

	/**
	 * Writes one more bar and returns it, or returns null when `between`, called after every few tokens, says false; the
	 * bar then goes on where it stood at the next call. A bar in which nothing sounds, though nobody asked for that, is
	 * written once more with one track that has to sound, and one that plays what the four before it played with another end.
	 */
	async writeBar(
		controls: GenerationControls,
		between: () => Promise<boolean>
	): Promise<WrittenBar | null> {
		const began = performance.now();
		const resting = this.#restingTracks();
		let bias = controlBias(controls, { resting });
		let scaleIsLocked = false;
		/** what the bar has to do, once it has come out empty, worn, or first the one and then the other */
		const demands: Demand[] = [];
		const sampling: Sampling = {
			temperature: controls.temperature,
			topP: controls.topP,
			minP: MIN_P,
			seed: controls.seed >>> 0
		};
		for (;;) {
			const end = this.#frames.findIndex((frame, i) => i > 0 && frame.token === BAR);
			if (end > 0) {
				const residuals = await this.#readResiduals(this.#written, this.#unfinishedStart(), end);
				const bar = this.#finishBar(end, residuals, performance.now() - began);
				const demand = this.#demandOn(bar, controls, resting);
				if (demand === null || demands.some(({ without }) => without === demand.without))
					return bar;
				await this.rewind(bar.bar);
				demands.push(demand);
				bias = controlBias(controls, { resting, demands });
				scaleIsLocked = false;
				continue;
			}
			const length = this.#frames.length;
			if (length >= HEAD_LENGTH && !scaleIsLocked) {
				const heads = this.#heads();
				const answers = answersChange(heads, FORM_PLACES);
				this.#stateTemperature = answers ? ANSWERING_TEMPERATURE : STATE_TEMPERATURE;
				bias = controlBias(controls, { resting, demands, answers });
				const head = parseBars(this.#frames.map(({ token }) => token))[0]!.bar.controls;
				lockScale(bias, head, controls.scaleLock, answersChange(heads, TONALITY_PLACES));
				scaleIsLocked = true;
			}
			const mustBeBar = length === 0 || length >= LONGEST_BAR;
			const constraint: Constraint = {
				grammar: GRAMMAR,
				state: copyState(this.#state),
				bias: mustBeBar ? barBias() : bias,
				stateTemperature: this.#stateTemperature
			};
			const count =
				length === 0 ? 1 : length < HEAD_LENGTH ? HEAD_LENGTH - length : TOKENS_PER_CALL;
			await this.#requireRoom(count);
			const slab = await this.#decoder.generate(count, sampling, constraint);
			const frames = setFrames(slab, this.#origin);
			this.#frames.push(...frames);
			this.#append(frames.map((frame) => frame.token));
			if (!(await between())) return null;
		}
	}

	/** Takes back every bar from `bar` on, finished or not. Does nothing when none of them has begun. */
	async rewind(bar: number): Promise<void> {
		const position = bar === this.#written ? this.#unfinishedStart() : this.#barStarts.get(bar);
		if (position === undefined || bar > this.#written) return;
		this.#tokens.length = position - this.#start;
		this.#residuals.rewind(bar);
		for (let later = bar; later < this.#written; later++) this.#barStarts.delete(later);
		this.#written = bar;
		this.#frames = [];
		this.#state = stateAfter(initialState(GRAMMAR), this.#tokens);
		try {
			this.#decoder.truncate(position - this.#origin);
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			await this.#readAgain(); // further back than the cache remembers
		}
	}

	/** Goes on with another decoder, which reads the last bars again. The unfinished bar is taken back. */
	async adopt(decoder: Decoder): Promise<void> {
		this.#decoder = decoder;
		this.#tokens.length = this.#unfinishedStart() - this.#start;
		this.#frames = [];
		this.#state = stateAfter(initialState(GRAMMAR), this.#tokens);
		await this.#readAgain();
		await this.#residuals.adopt(decoder, this.#written);
	}

	/** A sequence that comes to the last of its learned positions begins anew, with its last bars. */
	async #requireRoom(count: number): Promise<void> {
		const { length, capabilities } = this.#decoder;
		if (length + count > capabilities.longestSequence) await this.#readAgain();
	}

	/** Fills an empty cache with the last bars: those that leave half of a limited sequence to write on. */
	async #readAgain(): Promise<void> {
		const end = this.#start + this.#tokens.length;
		const most = this.#decoder.capabilities.longestSequence / 2;
		const startOf = (bar: number) =>
			bar === this.#written ? this.#unfinishedStart() : (this.#barStarts.get(bar) ?? this.#start);
		const last = this.#frames.length > 0 ? this.#written : this.#written - 1;
		let first = Math.max(0, this.#written - BARS_READ_AGAIN);
		while (first < last && end - startOf(first) > most) first++;
		this.#origin = startOf(first);
		this.#decoder.truncate(0);
		await this.#decoder.prefill(this.#tokens.slice(this.#origin - this.#start));
	}

	/** What `written` has to do when it is written once more; null where it may stay as it is. */
	#demandOn(
		written: WrittenBar,
		controls: GenerationControls,
		resting: readonly Track[]
	): Demand | null {
		if (written.notes.length === 0) return demandSound(controls, resting);
		return this.#isWorn(written) ? demandChange(parseBars(written.tokens)[0]!.bar.parts) : null;
	}

	/** Whether a bar plays the same to the note as the WORN_BARS before it. */
	#isWorn({ bar, tokens }: WrittenBar): boolean {
		const text = musicText(tokens);
		for (let back = 1; back <= WORN_BARS; back++) {
			const [first, end] = [this.#barStarts.get(bar - back), this.#barStarts.get(bar - back + 1)];
			if (first === undefined || end === undefined) return false;
			if (musicText(this.#tokens.slice(first - this.#start, end - this.#start)) !== text)
				return false;
		}
		return true;
	}

	/** Core tracks that have been silent for so many bars that they are helped to come back. */
	#restingTracks(): Track[] {
		const from = this.#barStarts.get(this.#written - RESTING_BARS);
		if (from === undefined) return [];
		return restingTracks(
			this.#tokens.slice(from - this.#start, this.#unfinishedStart() - this.#start)
		);
	}

	/** The heads of the bar that is being written and of the ANSWERING_BARS before it, as far as there are any. */
	#heads(): number[][] {
		const starts = [this.#unfinishedStart()];
		for (let back = 1; back <= ANSWERING_BARS; back++) {
			const start = this.#barStarts.get(this.#written - back);
			if (start !== undefined) starts.unshift(start);
		}
		return starts.map((start) =>
			this.#tokens.slice(start - this.#start, start - this.#start + HEAD_LENGTH)
		);
	}

	/** Where the bar that is being written begins. */
	#unfinishedStart(): number {
		return this.#start + this.#tokens.length - this.#frames.length;
	}

	#append(tokens: number[]): void {
		this.#tokens.push(...tokens);
		for (const token of tokens) advance(GRAMMAR, this.#state, token);
	}

	/** Of a bar whose `count` tokens begin at `position` of the set, and whose last one was read by the decoder. */
	#readResiduals(bar: number, position: number, count: number): Promise<WrittenBar['residuals']> {
		return this.#residuals.read(bar, this.#decoder, position - this.#origin, count);
	}

	#finishBar(length: number, residuals: WrittenBar['residuals'], milliseconds: number): WrittenBar {
		const position = this.#unfinishedStart();
		const bar = this.#written;
		this.#barStarts.set(bar, position);
		const frames = this.#frames.splice(0, length);
		this.#written++;
		this.#forget(bar - BARS_KEPT);
		return this.#barFrom(bar, frames, position, residuals, milliseconds);
	}

	#forget(bar: number): void {
		this.#barStarts.delete(bar);
		const first = this.#barStarts.get(bar + 1);
		if (first === undefined || first <= this.#start) return;
		this.#tokens.splice(0, first - this.#start);
		this.#start = first;
	}

	#barFrom(
		bar: number,
		frames: SetFrame[],
		position: number,
		residuals: WrittenBar['residuals'],
		milliseconds: number
	): WrittenBar {
		const tokens = frames.map((frame) => frame.token);
		const parsed = parseBars(tokens)[0];
		if (!parsed) throw new Error(`Bar ${bar} came out empty.`);
		const { layers, heads } = this.#decoder.config;
		return {
			bar,
			tokens,
			notes: notesOfBar(parsed, 0, position),
			firstFrame: position,
			frames: slabOf(frames, layers, heads),
			residuals,
			milliseconds
		};
	}
}

function stateAfter(state: GrammarState, tokens: readonly number[]): GrammarState {
	for (const token of tokens) advance(GRAMMAR, state, token);
	return state;
}
