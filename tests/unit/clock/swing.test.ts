import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swing, unswing } from '../../../src/lib/clock/swing';

const percent = fc.double({ min: 50, max: 75, noNaN: true });
const beat = fc.double({ min: -8, max: 4000, noNaN: true });

describe('swing', () => {
	it('of 50 % is straight', () => {
		fc.assert(fc.property(beat, (at) => swing(at, 50) === at));
	});

	it('delays every second sixteenth to its share of the eighth, and nothing else of the grid of eighths', () => {
		const sixteenths = [0, 0.25, 0.5, 0.75, 1, 1.25];
		expect(sixteenths.map((at) => swing(at, 75))).toEqual([0, 0.375, 0.5, 0.875, 1, 1.375]);
		expect(swing(4.25, 60)).toBeCloseTo(4.3);
	});

	it('keeps the order of all positions, triplets among them', () => {
		fc.assert(
			fc.property(percent, fc.integer({ min: 0, max: 48 * 20 }), (share, step) => {
				expect(swing((step + 1) / 12, share)).toBeGreaterThan(swing(step / 12, share));
			})
		);
	});

	it('can be undone', () => {
		fc.assert(
			fc.property(beat, percent, (at, share) => {
				expect(unswing(swing(at, share), share)).toBeCloseTo(at, 9);
			})
		);
	});

	it('never moves anything by more than an eighth of a beat, and never forward', () => {
		fc.assert(
			fc.property(beat, percent, (at, share) => {
				const delay = swing(at, share) - at;
				expect(delay).toBeGreaterThan(-1e-9);
				expect(delay).toBeLessThan(0.125 + 1e-9);
			})
		);
	});
});
