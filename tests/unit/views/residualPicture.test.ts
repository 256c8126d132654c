import { describe, expect, it } from 'vitest';
import { RESIDUAL_WINDOW, type ResidualFrame } from '../../../src/lib/model/residualFrame';
import {
	LIGHTS,
	columnsUpTo,
	layersOfLight,
	residualWords
} from '../../../src/lib/views/residualPicture';

const FRAME: ResidualFrame = {
	lead: 0.3,
	effectiveRank: 14,
	drift: 0.3,
	shares: [0.26, 0.13, 0.065, 0.026],
	features: [0.1, 0.7, 0.2, 0.4]
};

/** Columns of an outline: where each stands and how tall it is. */
function boxes(outline: string) {
	return [...outline.matchAll(/M(\S+) (\S+)h\S+?v(\S+?)h/g)].map(([, x, bottom, tall]) => ({
		x: Number(x),
		bottom: Number(bottom),
		tall: -Number(tall)
	}));
}

describe('the picture of the leading directions', () => {
	it('has a column for each of the latest tokens, the newest last', () => {
		const asked: number[] = [];
		const columns = columnsUpTo(100, (position) => {
			asked.push(position);
			return position === 100 ? FRAME : undefined;
		});
		expect(columns).toHaveLength(RESIDUAL_WINDOW);
		expect(columns.at(-1)).toBe(FRAME);
		expect([asked[0], asked.at(-1)]).toEqual([101 - RESIDUAL_WINDOW, 100]);
	});

	it('stacks the directions, the strongest at the bottom, each lit as the token lies along it', () => {
		const outlines = layersOfLight([undefined, FRAME]);
		expect(outlines).toHaveLength(LIGHTS);
		const [resting, little, much, full] = outlines.map((outline) => boxes(outline)) as [
			...ReturnType<typeof boxes>[]
		];
		expect(resting).toEqual([{ x: 1, bottom: 1, tall: expect.closeTo(0.475, 3) as number }]);
		expect(full).toEqual([{ x: 1, bottom: 0.5, tall: expect.closeTo(0.225, 3) as number }]);
		expect(little![0]!.bottom).toBeCloseTo(0.25, 3);
		expect(much![0]!.bottom).toBeCloseTo(0.125, 3);
	});

	it('stays inside its box when one direction holds everything', () => {
		const alone = { ...FRAME, shares: [1, 0, 0, 0], features: [1, 0, 0, 0] };
		const all = layersOfLight([alone]).flatMap((outline) => boxes(outline));
		expect(all).toHaveLength(1);
		expect(all[0]!.tall).toBeLessThanOrEqual(1);
	});

	it('says in words what it shows, or that nothing is known', () => {
		expect(residualWords(FRAME)).toMatch(/hold 48 %.*26, 13, 7, 3 %.*direction 2/);
		expect(residualWords(undefined)).toMatch(/nothing is known/);
	});
});
