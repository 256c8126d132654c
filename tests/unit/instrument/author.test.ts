import { beforeEach, describe, expect, it } from 'vitest';
import { Timeline, type PlacedBar } from '../../../src/lib/clock/timeline';
import type {
	FromWorker,
	ModelDescription,
	ToWorker,
	WrittenBar
} from '../../../src/lib/generate/protocol';
import { Author } from '../../../src/lib/instrument/author';
import { createFrameSlab } from '../../../src/lib/model/tokenFrame';
import { encodeBar, parseBars } from '../../../src/lib/music/bars';
import { notesOfBar } from '../../../src/lib/music/notes';
import { freeControls, plainBar } from '../../fixtures/music';

const MODEL: ModelDescription = {
	name: 'test',
	parameters: 1,
	bytes: 2,
	from: 'site',
	place: 'models/test',
	untrainedSeed: null,
	verification: 'stored',
	styles: [0],
	layers: 1,
	heads: 1,
	window: 64,
	engine: 'cpu',
	device: 'test',
	reason: '',
	tokensPerSecond: 100
};

const SECONDS_PER_BEAT = 0.5;

describe('the author', () => {
	let timeline: Timeline;
	let author: Author;
	let sent: ToWorker[];
	let say: (message: FromWorker) => void;
	let placed: { bar: PlacedBar; generated: boolean }[];
	let failures: string[];

	beforeEach(() => {
		timeline = new Timeline();
		sent = [];
		placed = [];
		failures = [];
		const ignore = () => undefined;
		author = new Author(
			timeline,
			{
				onLoading: ignore,
				onKept: ignore,
				onModel: ignore,
				onNotice: ignore,
				onFailure: (message) => failures.push(message),
				onFrames: ignore,
				onBar: (bar, generated) => placed.push({ bar, generated }),
				onPace: ignore
			},
			(onMessage) => {
				say = onMessage;
				return { send: (message) => sent.push(message) };
			}
		);
	});

	/** Sent messages of one type, the latest last. */
	function messages<T extends ToWorker['type']>(type: T) {
		return sent.filter(
			(message): message is Extract<ToWorker, { type: T }> => message.type === type
		);
	}

	function openingLength(): number {
		return placed.filter(({ generated }) => !generated).length;
	}

	function written(bar: number, milliseconds = 500): WrittenBar {
		const tokens = encodeBar(plainBar());
		return {
			bar,
			tokens,
			notes: notesOfBar(parseBars(tokens)[0]!, 0, bar * 100),
			firstFrame: bar * 100,
			frames: createFrameSlab(1, 1, tokens.length),
			residuals: null,
			milliseconds
		};
	}

	function sayBar(bar: number, revision: number, milliseconds?: number): void {
		say({ type: 'bars', revision, bars: [written(bar, milliseconds)], opening: false });
	}

	/** How far away a beat is when the music stands at `nowBeat`. */
	const secondsFrom = (nowBeat: number) => (beat: number) => (beat - nowBeat) * SECONDS_PER_BEAT;

	it('places the opening at once, before any model is there', () => {
		author.begin(freeControls());
		expect(openingLength()).toBeGreaterThanOrEqual(2);
		expect(timeline.notesBetween(0, 4).length).toBeGreaterThan(0);
		expect(author.repeatedBars).toBe(openingLength());
		expect(author.hasWritten).toBe(false);
	});

	it('begins in the key and mode that are asked for: so it sounds, and so the model reads it', () => {
		author.begin(freeControls({ key: 10, mode: 3 }));
		const heard = placed.flatMap(({ bar }) => bar.tokens);
		expect(messages('begin')[0]!.opening).toEqual(heard);
		for (const { bar } of parseBars(heard))
			expect(bar.controls).toMatchObject({ key: 10, mode: 3 });
	});

	it('begins with other bars where they are given: they sound, and are what the model reads', () => {
		const tokens = [...encodeBar(plainBar()), ...encodeBar(plainBar())];
		author.begin(freeControls(), tokens);
		expect(placed.flatMap(({ bar }) => bar.tokens)).toEqual(tokens);
		expect(placed.every(({ generated }) => !generated)).toBe(true);
		expect(messages('begin')[0]!.opening).toEqual(tokens);
		expect(author.repeatedBars).toBe(2);
	});

	it('asks for bars until two stand ready, and asks once', () => {
		author.begin(freeControls());
		const length = openingLength();
		author.keepAhead(4 * (length - 1));
		author.keepAhead(4 * (length - 1) + 0.1);
		expect(messages('write').map(({ untilBar }) => untilBar)).toEqual([length + 2]);
	});

	it('puts written bars behind the opening and repeats one bar from then on', () => {
		author.begin(freeControls());
		say({ type: 'ready', model: MODEL });
		const { revision } = messages('begin')[0]!;
		const length = openingLength();
		sayBar(length, revision);
		expect(placed.at(-1)).toMatchObject({ generated: true, bar: { slot: length, bar: length } });
		expect(author.repeatedBars).toBe(1);
	});

	it('writes again from the next bar when there is time, and says at which beat', () => {
		author.begin(freeControls());
		say({ type: 'ready', model: { ...MODEL, tokensPerSecond: 1000 } });
		timeline.close(0);
		const beat = author.control(freeControls({ style: 1 }), secondsFrom(0.5));
		expect(beat).toBe(4);
		expect(messages('control')[0]).toMatchObject({ fromBar: 1, controls: { style: 1 } });
	});

	it('leaves a bar alone that could not be written again in time', () => {
		author.begin(freeControls());
		say({ type: 'ready', model: { ...MODEL, tokensPerSecond: 40 } });
		timeline.close(0);
		const beat = author.control(freeControls({ style: 1 }), secondsFrom(3));
		expect(beat).toBeGreaterThan(4);
		expect(messages('control')[0]!.fromBar).toBe(beat / 4);
	});

	it('does not take bars that crossed a change of controls on their way', () => {
		author.begin(freeControls());
		say({ type: 'ready', model: { ...MODEL, tokensPerSecond: 1000 } });
		const length = openingLength();
		const { revision } = messages('begin')[0]!;
		sayBar(length, revision);
		for (let slot = 0; slot < length; slot++) timeline.close(slot);
		author.control(freeControls({ seed: 2 }), secondsFrom(4 * length - 3));
		const before = placed.length;
		sayBar(length, revision);
		expect(placed).toHaveLength(before);
		sayBar(length, revision + 1);
		expect(placed.at(-1)).toMatchObject({ generated: true, bar: { slot: length } });
	});

	it('takes nothing of a set that has ended, and nothing of the last set in the next', () => {
		author.begin(freeControls());
		say({ type: 'ready', model: MODEL });
		const length = openingLength();
		const { revision } = messages('begin')[0]!;
		author.rest();
		sayBar(length, revision);
		author.begin(freeControls());
		sayBar(length, revision);
		expect(placed.filter(({ generated }) => generated)).toHaveLength(0);
	});

	it('passes on in words what went wrong', () => {
		say({ type: 'failed', message: 'The model file is cut short. Reload the page.' });
		expect(failures).toEqual(['The model file is cut short. Reload the page.']);
	});
});
