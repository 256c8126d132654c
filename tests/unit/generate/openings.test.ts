import { describe, expect, it } from 'vitest';
import { STYLES_WITH_OPENING, openingFor, openingOf } from '../../../src/lib/generate/openings';
import { parseBars } from '../../../src/lib/music/bars';
import { inScale } from '../../../src/lib/music/scales';
import { KEYS, MODES, STYLES } from '../../../src/lib/music/vocabulary';
import { freeControls } from '../../fixtures/music';

describe('the opening of a set', () => {
	it('is that of the style where nobody asks for a key', () => {
		for (const style of STYLES_WITH_OPENING) {
			expect(openingFor(freeControls({ style }))).toEqual(openingOf(STYLES[style]!).tokens);
		}
	});

	it('is in the key and mode that are asked for, its rhythm and drums untouched', () => {
		for (const style of STYLES_WITH_OPENING) {
			const own = parseBars(openingOf(STYLES[style]!).tokens);
			for (let key = 0; key < KEYS.length; key++) {
				const mode = (key + style) % (MODES.length - 1);
				const moved = parseBars(openingFor(freeControls({ style, key, mode })));
				expect(moved).toHaveLength(own.length);
				moved.forEach(({ bar }, i) => {
					const before = own[i]!.bar;
					expect(bar.controls).toEqual({ ...before.controls, key, mode });
					expect(bar.parts[0]).toEqual(before.parts[0]);
					const notes = bar.parts.flatMap((part) => part.notes);
					expect(notes.map(({ position }) => position)).toEqual(
						before.parts.flatMap((part) => part.notes.map(({ position }) => position))
					);
					for (const { pitch } of notes) expect(inScale(pitch, key, mode)).toBe(true);
				});
			}
		}
	});

	it('keeps its mode where a key alone is asked for, and its key where a mode is', () => {
		const own = parseBars(openingOf('house').tokens)[0]!.bar.controls;
		const first = (controls: Parameters<typeof freeControls>[0]) =>
			parseBars(openingFor(freeControls({ style: STYLES.indexOf('house'), ...controls })))[0]!.bar
				.controls;
		expect(first({ key: 2 })).toEqual({ ...own, key: 2 });
		expect(first({ mode: 3 })).toEqual({ ...own, mode: 3 });
	});
});
