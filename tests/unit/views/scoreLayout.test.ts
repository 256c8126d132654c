/** Geometry of the score. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VOICE_TRACKS } from '../../../src/lib/controls/parameters';
import {
	INITIAL_SCALES,
	anchorOf,
	arcRise,
	beatOfX,
	beatsInSight,
	noteBox,
	noteUnder,
	scoreLayout,
	widened,
	xOfBeat
} from '../../../src/lib/views/scoreLayout';
import { note } from './notes';

const LAYOUT = scoreLayout(900, 600, INITIAL_SCALES);

const size = fc.record({
	width: fc.integer({ min: 200, max: 4000 }),
	height: fc.integer({ min: 160, max: 2400 })
});

describe('the window', () => {
	it('has its playhead two thirds across, wherever the music is', () => {
		fc.assert(
			fc.property(
				size,
				fc.float({ min: 0, max: 10_000, noNaN: true }),
				({ width, height }, now) => {
					const layout = scoreLayout(width, height, INITIAL_SCALES);
					expect(xOfBeat(layout, now, now)).toBeCloseTo((width * 2) / 3, 6);
				}
			)
		);
	});

	it('shows the last eight bars, and four on a narrow screen', () => {
		expect(beatsInSight(LAYOUT, 100).from).toBeCloseTo(100 - 32);
		const phone = scoreLayout(390, 360, INITIAL_SCALES);
		expect(beatsInSight(phone, 100).from).toBeCloseTo(100 - 16);
	});

	it('shows half as much again of what is still to come', () => {
		expect(beatsInSight(LAYOUT, 100).to).toBeCloseTo(100 + 16);
	});

	it('finds the beat of a place and the place of a beat', () => {
		expect(beatOfX(LAYOUT, xOfBeat(LAYOUT, 93.25, 100), 100)).toBeCloseTo(93.25);
	});
});

describe('the lanes', () => {
	it('stand under the sky one below the other, equal, and fill the window', () => {
		fc.assert(
			fc.property(size, ({ width, height }) => {
				const { lanes, sky } = scoreLayout(width, height, INITIAL_SCALES);
				expect(lanes.map(({ track }) => track)).toEqual([...VOICE_TRACKS]);
				lanes.forEach((lane, i) => {
					expect(lane.top).toBeCloseTo(sky + i * lanes[0]!.height, 6);
				});
				const last = lanes[lanes.length - 1]!;
				expect(last.top + last.height).toBeCloseTo(height, 6);
			})
		);
	});

	it('hold every note of their track, however high or low, once they have widened', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...VOICE_TRACKS),
				fc.integer({ min: 21, max: 108 }),
				(track, pitch) => {
					const played = note({ track, pitch });
					const scales = widened(INITIAL_SCALES, [played]);
					const layout = scoreLayout(900, 600, scales);
					const lane = layout.lanes.find((one) => one.track === track)!;
					const y = anchorOf(layout, played, 0)!.y;
					expect(y).toBeGreaterThanOrEqual(lane.top);
					expect(y).toBeLessThanOrEqual(lane.top + lane.height);
				}
			)
		);
	});

	it('put a higher pitch higher, and a crash above a kick', () => {
		const y = (changes: Parameters<typeof note>[0]) => anchorOf(LAYOUT, note(changes), 0)!.y;
		expect(y({ pitch: 45 })).toBeLessThan(y({ pitch: 40 }));
		expect(y({ track: 'drums', pitch: 46 })).toBeLessThan(y({ track: 'drums', pitch: 36 }));
	});

	it('only ever widen', () => {
		const wide = widened(INITIAL_SCALES, [
			note({ pitch: 24 }),
			note({ track: 'drums', pitch: 75 })
		]);
		expect(widened(wide, [note({ pitch: 40 })])).toEqual(wide);
		expect(wide.bass).toMatchObject({ low: 23 });
	});

	it('have no place for what a guest plays', () => {
		expect(noteBox(LAYOUT, note({ track: 'guest' }), 0)).toBeNull();
	});
});

describe('a note', () => {
	it('begins at its beat and is as wide as it is long', () => {
		const box = noteBox(LAYOUT, note({ beat: 96, duration: 4 }), 100)!;
		expect(box.x).toBeCloseTo(xOfBeat(LAYOUT, 96, 100));
		expect(box.width).toBeCloseTo(4 * LAYOUT.pixelsPerBeat - 1.5);
	});

	it('is found under the pointer, and only near it', () => {
		const near = note({ beat: 96 });
		const far = note({ beat: 90, pitch: 44 });
		const { x, y } = anchorOf(LAYOUT, near, 100)!;
		expect(noteUnder(LAYOUT, [far, near], { x: x + 2, y: y - 3 }, 100)).toBe(near);
		expect(noteUnder(LAYOUT, [far, near], { x: x + 60, y }, 100)).toBeNull();
	});
});

describe('an arc', () => {
	const point = fc.record({
		x: fc.float({ min: 0, max: 900, noNaN: true }),
		y: fc.float({ min: 0, max: 600, noNaN: true })
	});

	it('never leaves the window', () => {
		fc.assert(
			fc.property(point, point, (from, to) => {
				const rise = arcRise(LAYOUT, from, to, 1.1);
				expect(rise).toBeGreaterThanOrEqual(0);
				expect(Math.min(from.y, to.y) - rise).toBeGreaterThanOrEqual(
					Math.min(from.y, to.y, 8) - 1e-6
				);
			})
		);
	});

	it('rises higher the further it reaches', () => {
		const from = { x: 600, y: 500 };
		const rises = [560, 500, 400, 200, 20].map((x) => arcRise(LAYOUT, from, { x, y: 500 }));
		expect(rises).toEqual([...rises].sort((a, b) => a - b));
		expect(new Set(rises).size).toBe(rises.length);
	});
});
