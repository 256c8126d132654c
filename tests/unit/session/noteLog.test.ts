import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noteLine, readLog, readPerformance, writeLine } from '../../../src/lib/session/noteLog';
import type { NoteEvent } from '../../../src/lib/music/notes';

function note(beat: number, rest: Partial<NoteEvent> = {}): NoteEvent {
	return {
		track: 'bass',
		beat,
		duration: 0.25,
		pitch: 36,
		velocity: 0.75,
		accent: false,
		slide: false,
		frames: { first: 4, last: 9 },
		...rest
	};
}

const LOG = [
	writeLine({ kind: 'begin', beat: 16, bpm: 124, time: 10, knobs: { 'bass.cutoff': 700 } }),
	writeLine(noteLine(note(16), 10.1, 0.12)),
	writeLine({ kind: 'section', text: 'drop', beat: 20 }),
	writeLine(noteLine(note(20.5, { track: 'drums', slide: true }), 12, 0.1)),
	writeLine({ kind: 'turn', id: 'bass.cutoff', value: 900, beat: 16, time: 12 }),
	writeLine({ kind: 'tempo', bpm: 130, beat: 24, time: 13.5 })
].join('');

/** What the first recordings looked like. */
const OLDER = [
	'{"kind":"begin","beat":16,"bpm":124}',
	'{"kind":"note","track":"bass","beat":16,"duration":0.25,"pitch":36,"velocity":0.75,"accent":false,"slide":false}'
].join('\n');

describe('the log of a recording', () => {
	test('comes back as music that begins at its own beginning', () => {
		const { song, broken } = readLog('set', LOG);
		expect(broken).toBe(0);
		expect(song.name).toBe('set');
		expect(song.tempos).toEqual([
			{ beat: 0, bpm: 124 },
			{ beat: 8, bpm: 130 }
		]);
		expect(song.markers).toEqual([{ beat: 4, text: 'drop' }]);
		expect(song.notes.map(({ beat, track, slide }) => [beat, track, slide])).toEqual([
			[0, 'bass', false],
			[4.5, 'drums', true]
		]);
	});

	test('marks where a section begins, by the last word about each bar', () => {
		const said = (beat: number, text: string): string => writeLine({ kind: 'section', text, beat });
		const text =
			LOG.split('\n')[0]! +
			'\n' +
			[
				said(12, 'intro'),
				said(16, 'drop'),
				said(20, 'drop'),
				said(24, 'break'),
				said(24, 'build')
			].join('');
		expect(readLog('set', text).song.markers).toEqual([
			{ beat: 0, text: 'drop' },
			{ beat: 8, text: 'build' }
		]);
	});

	test('comes back as a performance: knobs as they stood, then what happened, in order of time', () => {
		const { seconds, bpm, knobs, events } = readPerformance(LOG)!;
		expect([seconds, bpm, knobs]).toEqual([3.5, 124, { 'bass.cutoff': 700 }]);
		const told = events.map((event) => [
			event.kind,
			event.time,
			event.kind === 'note' && event.note.durationSeconds,
			event.kind === 'turn' && event.value,
			event.kind === 'tempo' && event.bpm
		]);
		expect(told.map(([kind]) => kind)).toEqual(['note', 'turn', 'note', 'tempo']);
		expect(told.map(([, time]) => Number(time).toFixed(2))).toEqual([
			'0.10',
			'2.00',
			'2.00',
			'3.50'
		]);
		expect(told.map(([, , ...values]) => values.find(Boolean))).toEqual([0.12, 900, 0.1, 130]);
	});

	test('has no notes that were announced but cut off by Stop, and those that were played after it', () => {
		const stopped =
			LOG +
			writeLine(noteLine(note(19), 13.9, 0.1)) +
			writeLine(noteLine(note(20), 14, 0.1)) +
			writeLine({ kind: 'silence', beat: 20, time: 14 }) +
			writeLine(noteLine(note(0), 14.1, 0.1));
		const last = readPerformance(stopped)!.events.slice(-3);
		expect(last.map(({ kind, time }) => [kind, time.toFixed(1)])).toEqual([
			['note', '3.9'],
			['silence', '4.0'],
			['note', '4.1']
		]);
		expect(readLog('set', stopped).song.notes).toHaveLength(3);
	});

	test('of an older version is music still, but no performance', () => {
		expect(readLog('set', OLDER).song.notes).toHaveLength(1);
		expect(readLog('set', OLDER).broken).toBe(0);
		expect(readPerformance(OLDER)).toBeNull();
		expect(readPerformance('')).toBeNull();
	});

	test('leaves out of a performance what was played before it began, but not the knobs', () => {
		const early =
			LOG +
			writeLine(noteLine(note(15), 9.5, 0.1)) +
			writeLine({ kind: 'turn', id: 'bass.decay', value: 300, beat: 15, time: 9.9 });
		const { events } = readPerformance(early)!;
		expect(events[0]).toMatchObject({ kind: 'turn', id: 'bass.decay', time: 0 });
		expect(events.filter(({ kind }) => kind === 'note')).toHaveLength(2);
	});

	test('loses its last line alone when it is cut off anywhere', () => {
		fc.assert(
			fc.property(fc.nat(LOG.length), (length) => {
				const cut = LOG.slice(0, length);
				const whole = cut.split('\n').length - 1;
				const { song, broken } = readLog('set', cut);
				expect(song.notes.length).toBeGreaterThanOrEqual(
					LOG.split('\n')
						.slice(0, whole)
						.filter((line) => line.includes('"note"')).length
				);
				expect(broken).toBeLessThanOrEqual(1);
			})
		);
	});

	test('passes over lines that are no music, and counts them', () => {
		const strange = [
			'{}',
			'[]',
			'null',
			'7',
			'{"kind":"note","beat":1}',
			'{"kind":"tempo","beat":2}'
		];
		const { song, broken } = readLog('set', [LOG.trim(), ...strange].join('\n'));
		expect(broken).toBe(strange.length);
		expect(song.notes).toHaveLength(2);
	});
});
