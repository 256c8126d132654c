import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBar, parseBars } from '../../../src/lib/music/bars';
import { barOfBeat, notesOfBar } from '../../../src/lib/music/notes';
import { DRUM_PIECES, DURATIONS, TOKEN_NAMES } from '../../../src/lib/music/vocabulary';
import { plainBar } from '../../fixtures/music';
import { anyBar } from './anyMusic';

describe('the notes of a bar', () => {
	it('stand on their beats from the start of the bar, with the frames of the tokens that wrote them', () => {
		const tokens = encodeBar(plainBar());
		const notes = notesOfBar(parseBars(tokens)[0]!, 8, 1000);
		expect(notes.map(({ track, beat, pitch }) => [track, beat, pitch])).toEqual([
			['drums', 8, 36],
			['bass', 8.5, 33],
			['drums', 9, 36],
			['drums', 10, 36],
			['drums', 11, 36]
		]);
		const bass = notes[1]!;
		const own = tokens.slice(bass.frames.first - 1000, bass.frames.last - 1000 + 1);
		expect(own.map((token) => TOKEN_NAMES[token])).toEqual(['POS_6', 'PITCH_33']);
		expect(bass).toMatchObject({ duration: 0.25, velocity: 0.75, accent: false, slide: false });
		expect(notes[0]).toMatchObject({ velocity: 1, accent: true });
	});

	it('are all there, sorted, inside the bar, on the grid of twelfths, as long and as loud as written', () => {
		fc.assert(
			fc.property(anyBar, (bar) => {
				const notes = notesOfBar(parseBars(encodeBar(bar))[0]!, 40, 0);
				const count = bar.parts.reduce(
					(sum, { hits, notes: own }) => sum + hits.length + own.length,
					0
				);
				expect(notes).toHaveLength(count);
				for (const [i, note] of notes.entries()) {
					expect(barOfBeat(note.beat)).toBe(10);
					expect(note.beat).toBeGreaterThanOrEqual(notes[i - 1]?.beat ?? 40);
					expect(note.velocity).toBeGreaterThan(0);
					expect(note.velocity).toBeLessThanOrEqual(1);
					expect(note.accent).toBe(note.velocity === 1);
					if (note.track === 'drums') {
						expect(DRUM_PIECES.map((piece) => piece.note)).toContain(note.pitch);
					} else expect(DURATIONS).toContain(Math.round(note.duration * 12));
				}
			}),
			{ numRuns: 40 }
		);
	});
});

describe('the bar of a beat', () => {
	it('counts from 0, four beats each', () => {
		expect([0, 3.99, 4, 7.9, 8, -0.1].map(barOfBeat)).toEqual([0, 0, 1, 1, 2, -1]);
	});
});
