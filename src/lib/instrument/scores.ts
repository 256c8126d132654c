/**
 * The score that plays in the place of the jam: its bars on the timeline, its knobs and tempi, where it begins, what it goes
 * round, and its files.
 */
import type { PlacedBar, Timeline } from '../clock/timeline';
import type { ScoreState, Scores } from '../instrumentHandle';
import { BEATS_PER_BAR, type Track } from '../music/vocabulary';
import type { Knobs } from '../session/noteLog';
import { promptOf, type Prompt } from '../sonify/prompt';
import type { BarRange } from '../sonify/promptBars';
import type { Score } from '../sonify/score';
import type { Player } from './player';
import { keepPrompt } from './promptStore';
import { ScoreAuthor } from './scoreAuthor';
import { ScoreKnobs } from './scoreKnobs';
import { scorePerformance } from './scorePerformance';
import type { StateStore } from './stateStore';

export interface ScoreDeskOptions {
	timeline: Timeline;
	store: StateStore;
	player(): Player | null;
	/** Sets a parameter at a moment, without moving its knob. */
	turn(id: string, value: number, audioTime: number): void;
	/** Sets the tempo of the transport. */
	setTempo(bpm: number): void;
	knobs(): Knobs;
	muted(track: Track): boolean;
	/** Ends the set. */
	stop(): void;
	onBar(bar: PlacedBar): void;
}

interface Opened {
	readonly score: Score;
	readonly author: ScoreAuthor;
	readonly knobs: ScoreKnobs;
}

export class ScoreDesk {
	readonly #options: ScoreDeskOptions;
	#opened: Opened | null = null;

	constructor(options: ScoreDeskOptions) {
		this.#options = options;
	}

	/** Whether a score stands in the place of the jam. */
	get isOpen(): boolean {
		return this.#opened !== null;
	}

	/** Begins a set with the score that is open. */
	begin(): void {
		if (!this.#opened) return;
		const { author, knobs } = this.#opened;
		const { from, loop } = this.#state;
		const first = loop && (from < loop.from || from >= loop.to) ? loop.from : from;
		this.#announce(author.begin(first, loop));
		knobs.begin(first * BEATS_PER_BAR);
	}

	/** Keeps the score coming; call it at every tick with the beats that are scheduled and heard. */
	tick(scheduledBeat: number, heardBeat: number): void {
		if (!this.#opened) return;
		const { author, knobs } = this.#opened;
		this.#announce(author.keepAhead(scheduledBeat));
		knobs.advance(scheduledBeat);
		const { coming } = this.#state;
		if (coming && heardBeat >= coming.beat) this.#update({ coming: null });
		if (!author.isOver(heardBeat)) return;
		this.#update({ from: 0 });
		this.#options.stop();
	}

	/** The set has ended: knobs go back to where they stand. */
	rest(): void {
		const player = this.#options.player();
		if (player) this.#opened?.knobs.release(player.audioTime);
		if (this.#opened) this.#update({ coming: null });
	}

	/** A hand turned a knob. */
	takeOver(id: string, value: number): void {
		this.#opened?.knobs.takeOver(id, value);
	}

	/** What pages see of it. */
	handle(): Scores {
		const opened = (): Score | null => this.#opened?.score ?? null;
		return {
			get opened() {
				return opened();
			},
			open: (score) => this.#open(score),
			seek: (bar) => this.#seek(bar),
			loop: (range) => this.#goRound(range),
			beat: () => this.#beat(),
			handOver: (range) => this.#handOver(range),
			midi: () => this.#midi(),
			wav: (onProgress = () => undefined, signal) => this.#wav(onProgress, signal)
		};
	}

	get #state() {
		const { score } = this.#options.store.current;
		if (!score) throw notOpen();
		return score;
	}

	get #required(): Opened {
		if (!this.#opened) throw notOpen();
		return this.#opened;
	}

	get #playing(): boolean {
		return this.#options.player()?.playing ?? false;
	}

	#open(score: Score | null): void {
		const { store, timeline, player, stop } = this.#options;
		stop();
		timeline.clear();
		this.#opened = score && {
			score,
			author: new ScoreAuthor(score, timeline),
			knobs: new ScoreKnobs(score, {
				scoreBeat: (beat) => this.#opened?.author.beatAt(beat) ?? null,
				timeAt: (beat) => {
					const playing = player();
					return playing ? playing.audioTime + playing.secondsUntil(beat) : 0;
				},
				turn: this.#options.turn,
				putBack: (id, audioTime) => {
					this.#options.turn(id, this.#options.knobs()[id]!, audioTime);
				},
				setTempo: this.#options.setTempo
			})
		};
		this.#opened?.knobs.begin(0);
		store.update({ score: score && stateOf(score) });
	}

	#seek(bar: number): void {
		const { author, score } = this.#required;
		const from = Math.max(0, Math.min(score.bars - 1, Math.floor(bar)));
		const { loop } = this.#state;
		const leaves = loop && (from < loop.from || from >= loop.to);
		const kept = leaves ? null : loop;
		if (!this.#playing) {
			this.#update({ from, loop: kept });
			return;
		}
		if (leaves) author.goRound(null);
		const beat = author.seek(from);
		this.#update({ from, loop: kept, coming: { bar: from, beat } });
	}

	#goRound(range: BarRange | null): void {
		const { author, score } = this.#required;
		if (range && !(range.from >= 0 && range.from < range.to && range.to <= score.bars)) {
			throw new RangeError(
				`The score has bars 0 to ${score.bars}; a loop from ${range.from} to ${range.to} is not in it.`
			);
		}
		const loop = range && { from: range.from, to: range.to };
		if (!this.#playing) {
			this.#update({ loop, from: loop?.from ?? this.#state.from });
			return;
		}
		const before = this.#beat() / BEATS_PER_BAR;
		const beat = author.goRound(loop);
		const jumps = loop && (before < loop.from || before >= loop.to);
		this.#update({
			loop,
			from: loop?.from ?? this.#state.from,
			coming: jumps ? { bar: loop.from, beat } : null
		});
	}

	/** The beat of the score that is heard, or with which it will begin. */
	#beat(): number {
		const player = this.#options.player();
		const rest = (this.#options.store.current.score?.from ?? 0) * BEATS_PER_BAR;
		if (!this.#opened || !player?.playing) return rest;
		const { author, score } = this.#opened;
		const heard = Math.max(0, player.heardBeat());
		return author.beatAt(heard) ?? (author.isOver(heard) ? score.bars * BEATS_PER_BAR : rest);
	}

	#handOver(range: BarRange): Prompt {
		const { score } = this.#required;
		const prompt = promptOf(score, range, this.#options.store.current.styles);
		keepPrompt(prompt);
		return prompt;
	}

	async #midi(): Promise<File> {
		const { score } = this.#required;
		const { encodeScore } = await import('../session/scoreFile');
		return new File([encodeScore(score)], `${fileName(score)}.mid`, { type: 'audio/midi' });
	}

	async #wav(onProgress: (share: number) => void, signal?: AbortSignal): Promise<File> {
		const { score, knobs } = this.#required;
		const values = this.#options.knobs();
		const performance = scorePerformance(score, {
			knobs: values,
			tempoRatio: knobs.tempoRatio,
			swingPercent: values['transport.swing']!,
			isHeard: (track) => !this.#options.muted(track)
		});
		const { bounce } = await import('./bounce');
		const file = await bounce(fileName(score), performance, 'mix', onProgress, signal);
		if (file) return file;
		throw new Error(
			'Every track of the piece is muted, so there is nothing to hear. Let one sound, and save again.'
		);
	}

	#update(changes: Partial<ScoreState>): void {
		this.#options.store.update({ score: { ...this.#state, ...changes } });
	}

	#announce(bars: readonly PlacedBar[]): void {
		for (const bar of bars) this.#options.onBar(bar);
	}
}

function stateOf({ piece, model, bars }: Score): ScoreState {
	return { piece, model, bars, from: 0, loop: null, coming: null };
}

function notOpen(): RangeError {
	return new RangeError('No score is open: open one with scores.open(score).');
}

/** A name that every file system takes. */
function fileName({ model, piece }: Score): string {
	return `${model.replace(/[^\p{L}\p{N} ._-]+/gu, '-')} ${piece}`;
}
