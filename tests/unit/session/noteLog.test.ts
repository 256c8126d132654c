import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noteLine, readLog, writeLine } from '../../../src/lib/session/noteLog';
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
	writeLine({ kind: 'begin', beat: 16, bpm: 124 }),
	writeLine(noteLine(note(16))),
	writeLine({ kind: 'section', text: 'drop', beat: 20 }),
	writeLine(noteLine(note(20.5, { track: 'drums', slide: true }))),
	writeLine({ kind: 'tempo', bpm: 130, beat: 24 })
].join('');

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
