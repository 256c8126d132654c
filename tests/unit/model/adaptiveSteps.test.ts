import { describe, expect, it } from 'vitest';
import {
	FIRST_PACE,
	MOST_STEPS,
	SUBMIT_MILLISECONDS,
	nextPace,
	type Pace
} from '../../../src/lib/model/wgsl/adaptiveSteps';

/** Paces of a card on which a step takes so long, and a submit so much more; the first before anything is known. */
function run(submits: number, stepMilliseconds: number, overhead = 0, from = FIRST_PACE): Pace[] {
	const paces = [from];
	for (let i = 0; i < submits; i++) {
		const pace = paces[i]!;
		const milliseconds = overhead + stepMilliseconds * pace.steps;
		paces.push(nextPace(pace, { steps: pace.steps, milliseconds }));
	}
	return paces;
}

const stepsOf = (paces: readonly Pace[]) => paces.map(({ steps }) => steps);

describe('the number of steps in a submit', () => {
	it('doubles from one to the most on a card that is fast enough', () => {
		expect(stepsOf(run(5, 0.1))).toStrictEqual([1, 2, 4, 8, 8, 8]);
	});

	it('stays below the time that a picture can wait', () => {
		for (const milliseconds of [0.3, 0.6, 0.9, 1.5, 3]) {
			const { steps } = run(20, milliseconds).at(-1)!;
			expect(steps * milliseconds).toBeLessThanOrEqual(SUBMIT_MILLISECONDS);
			expect((steps + 1) * milliseconds > SUBMIT_MILLISECONDS || steps === MOST_STEPS).toBe(true);
		}
	});

	it('is one where a single step takes longer than that', () => {
		expect(stepsOf(run(4, 30))).toStrictEqual([1, 1, 1, 1, 1]);
	});

	it('grows where waiting costs more than working', () => {
		expect(run(20, 0.05, 1).at(-1)!.steps).toBe(MOST_STEPS);
	});

	it('falls when the card slows down, and recovers with it', () => {
		const fast = run(8, 0.2).at(-1)!;
		const slow = run(8, 2, 0, fast);
		expect(slow[2]!.steps).toBeLessThan(MOST_STEPS);
		expect(slow.at(-1)!.steps).toBe(2);
		expect(run(12, 0.2, 0, slow.at(-1)).at(-1)!.steps).toBe(MOST_STEPS);
	});

	it('is not misled by submits that were found finished together', () => {
		/** a page that looks every 12 ms, and finds three submits of 4 ms done */
		let pace: Pace = FIRST_PACE;
		for (let i = 0; i < 30; i++) {
			const milliseconds = i % 3 === 0 ? 3 * pace.steps : 0;
			pace = nextPace(pace, { steps: pace.steps, milliseconds });
		}
		expect(pace.steps).toBeGreaterThanOrEqual(3);
		expect(pace.steps).toBeLessThanOrEqual(6);
	});

	it('forgets one delay of the page after a few submits', () => {
		const fast = run(8, 0.2).at(-1)!;
		const delayed = nextPace(fast, { steps: fast.steps, milliseconds: 200 });
		expect(delayed.steps).toBe(1);
		expect(run(9, 0.2, 0, delayed).at(-1)!.steps).toBe(MOST_STEPS);
	});

	it('is never less than one or more than the most', () => {
		for (const milliseconds of [0, 1e-9, 1e9]) {
			for (const { steps } of run(10, milliseconds)) {
				expect(steps).toBeGreaterThanOrEqual(1);
				expect(steps).toBeLessThanOrEqual(MOST_STEPS);
			}
		}
	});
});
