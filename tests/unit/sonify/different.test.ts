/** Whether scores tell models apart: a classifier that hears nothing but notes names the kind of model. */
import { describe, expect, it } from 'vitest';
import { COMPOSE } from '../../../src/lib/sonify/pieces';
import { PIECES } from '../../../src/lib/sonify/score';
import { KINDS, features, fiveKinds, heardRight } from './kinds';

const COPIES = 5;

const models = await fiveKinds(COPIES);
const pieces = models.map(({ kind, statistics }) => ({
	kind,
	scores: PIECES.map((piece) => COMPOSE[piece](statistics))
}));
const heard = Object.fromEntries(
	PIECES.map((piece, index) => [
		piece,
		pieces.map(({ kind, scores }) => ({ kind, features: features(scores[index]!) }))
	])
);
const together = models.map(({ kind }, i) => ({
	kind,
	features: PIECES.flatMap((piece) => heard[piece]![i]!.features)
}));

describe(`of ${KINDS.length} kinds of models, ${COPIES} of each`, () => {
	it('the four pieces together tell the kind, nine times of ten', () => {
		expect(heardRight(together)).toBeGreaterThanOrEqual(0.9);
	});

	it.each(PIECES)(
		'%s alone tells it twice as often as chance, which is right one time in five',
		(piece) => {
			expect(heardRight(heard[piece]!)).toBeGreaterThanOrEqual(0.4);
		}
	);

	it('kinds that were dealt out at random are not told', () => {
		const dealt = together.map((one, i) => ({
			...one,
			kind: String(Math.floor(i / KINDS.length))
		}));
		expect(heardRight(dealt)).toBeLessThan(0.4);
	});

	it('no two models have the same piece', () => {
		for (const index of PIECES.keys()) {
			const melodies = pieces.map(({ scores }) =>
				scores[index]!.notes.map(({ beat, pitch, velocity }) =>
					[beat, pitch, velocity].join()
				).join(' ')
			);
			expect(new Set(melodies).size).toBe(models.length);
		}
	});
});
