import { describe, expect, it } from 'vitest';
import { ROWS_TO_BEGIN, ResidualWindow } from '../../../src/lib/generate/residualWindow';
import {
	RESIDUAL_FRAME,
	RESIDUAL_WINDOW,
	residualFrameAt,
	type ResidualFrame
} from '../../../src/lib/model/residualFrame';
import { normalNumbers } from '../linalg/measures';

const COLUMNS = 12;

/** The axis `k`, `length` long. */
function axis(k: number, length = 1): number[] {
	return Array.from({ length: COLUMNS }, (_, c) => (c === k ? length : 0));
}

/** A direction in the plane of the first two axes. */
function at(angle: number): number[] {
	return axis(0).map((_, c) => (c === 0 ? Math.cos(angle) : c === 1 ? Math.sin(angle) : 0));
}

/** What a window says of each of these residuals; null where it says nothing. */
function framesOf(
	residuals: readonly number[][],
	window = new ResidualWindow(COLUMNS)
): (ResidualFrame | null)[] {
	const rows = window.push(Float32Array.from(residuals.flat()));
	return residuals.map((_, i) => residualFrameAt(rows, i));
}

function lastOf(residuals: readonly number[][]): ResidualFrame {
	return framesOf(residuals).at(-1)!;
}

function times<T>(count: number, make: (i: number) => T): T[] {
	return Array.from({ length: count }, (_, i) => make(i));
}

describe('the window of residuals', () => {
	/** of every eight rows five lie along the first axis, two along the second, one along the third; longer and shorter */
	const spread = times(160, (i) => axis([0, 1, 0, 0, 2, 0, 1, 0][i % 8]!, 1 + (i % 5)));

	it('tells the spectrum of rows whose singular values are known', () => {
		const { lead, effectiveRank, drift, shares } = lastOf(spread);
		expect(lead).toBeCloseTo(Math.log(Math.sqrt(40 / 16)), 4);
		expect(effectiveRank).toBeCloseTo(64 ** 2 / (40 ** 2 + 16 ** 2 + 8 ** 2), 4);
		expect(drift).toBeCloseTo(0, 3);
		[40 / 64, 16 / 64, 8 / 64, 0].forEach((share, k) => expect(shares[k]).toBeCloseTo(share, 4));
	});

	it('tells which of the leading directions a token lies along', () => {
		const frames = framesOf([...spread, axis(1, 7), axis(2), axis(9), at(Math.PI / 3)]).slice(-4);
		const expected = [
			[0, 1, 0],
			[0, 0, 1],
			[0, 0, 0],
			[1 / 2, Math.sqrt(3) / 2, 0]
		];
		frames.forEach((frame, i) =>
			expected[i]!.forEach((cosine, k) => expect(frame!.features[k]).toBeCloseTo(cosine, 1))
		);
	});

	it('says nothing before it has seen enough, and something of every token from then on', () => {
		const random = normalNumbers(3);
		const frames = framesOf(times(140, () => times(COLUMNS, random)));
		frames.forEach((frame, i) => expect(frame !== null, `row ${i}`).toBe(i + 1 >= ROWS_TO_BEGIN));
	});

	it('bounds the lead of a direction that is alone', () => {
		const { lead, effectiveRank, drift } = lastOf(times(100, () => axis(3)));
		expect(lead).toBeCloseTo(Math.log(100), 5);
		expect(effectiveRank).toBeCloseTo(1, 5);
		expect(drift).toBeCloseTo(0, 5);
	});

	it('is calm among zeros', () => {
		const { lead, effectiveRank, drift, shares, features } = lastOf(times(100, () => axis(-1)));
		expect([lead, effectiveRank, drift, ...shares, ...features]).toEqual(new Array(11).fill(0));
	});

	it('measures how far a direction turns, in sixteen tokens', () => {
		for (const radians of [0.0005, 0.002]) {
			const { drift } = lastOf(times(200, (i) => at(i * radians)));
			expect(drift / Math.sin(16 * radians)).toBeGreaterThan(0.97);
			expect(drift / Math.sin(16 * radians)).toBeLessThan(1.03);
		}
	});

	it('drifts while what comes has nothing to do with what was, until that has left', () => {
		const before = times(120, (i) => axis(i % 2));
		const drifts = framesOf([...before, ...times(100, (i) => axis(2 + (i % 2)))]).map(
			(frame) => frame?.drift ?? 0
		);
		expect(drifts[119]).toBeLessThan(0.01);
		expect(Math.max(...drifts.slice(120))).toBeGreaterThan(0.3);
		expect(drifts.at(-1)).toBeLessThan(0.01);
	});

	it('does not care for signs', () => {
		const random = normalNumbers(5);
		const rows = times(120, () => times(COLUMNS, random));
		const turned = rows.map((row, i) => (i % 3 === 0 ? row.map((value) => -value) : row));
		const [found, expected] = [framesOf(turned), framesOf(rows)];
		found.forEach((frame, i) => {
			expect(frame?.drift ?? 0).toBeCloseTo(expected[i]?.drift ?? 0, 2);
			frame?.features.forEach((value, k) =>
				expect(value).toBeCloseTo(expected[i]!.features[k]!, 1)
			);
		});
	});

	it('does not take two directions that change places for a drift', () => {
		/** first a little more of one, then a little more of the other */
		const rows = times(300, (i) => {
			const odd = i % 16 === 0 ? Number(i >= 150) : i % 2;
			return axis(odd);
		});
		const frames = framesOf(rows);
		const leaders = frames.map((frame, i) => {
			const own = frame && Math.max(...frame.features);
			return own && frame.features[0] === own ? rows[i]!.indexOf(1) : null;
		});
		expect(new Set(leaders.slice(ROWS_TO_BEGIN)), 'they did change places').toContain(0);
		expect(new Set(leaders.slice(ROWS_TO_BEGIN))).toContain(1);
		for (const frame of frames) expect(frame?.drift ?? 0).toBeLessThan(0.15);
	});

	it('goes on from a copy as if nothing had come in between', () => {
		const random = normalNumbers(8);
		const row = () => times(COLUMNS, random);
		const [before, one, other] = [times(101, row), times(90, row), times(90, row)];
		const window = new ResidualWindow(COLUMNS);
		framesOf(before, window);
		const kept = window.copy();
		framesOf(one, window);
		expect(framesOf(other, kept)).toEqual(framesOf([...before, ...other]).slice(before.length));
	});

	it('begins anew after clear, and behind a residual that is no number', () => {
		const random = normalNumbers(9);
		const rows = times(100, () => times(COLUMNS, random));
		const expected = framesOf(rows);
		const window = new ResidualWindow(COLUMNS);
		framesOf(
			times(90, (i) => axis(i % 3)),
			window
		);
		window.clear();
		expect(framesOf(rows, window)).toEqual(expected);
		const broken = framesOf([...times(90, (i) => axis(i % 3)), axis(0, NaN), ...rows]);
		expect(broken[90]).toBeNull();
		expect(broken.slice(91)).toEqual(expected);
	});
});

describe('the rows of a bar', () => {
	it('hold as many numbers as are laid out, and none beyond them', () => {
		const rows = new ResidualWindow(COLUMNS).push(new Float32Array(3 * COLUMNS).fill(1));
		expect(rows).toHaveLength(3 * RESIDUAL_FRAME.stride);
		expect(residualFrameAt(rows, 0), 'the window is not full').toBeNull();
		expect(residualFrameAt(rows, 3)).toBeNull();
		expect(ROWS_TO_BEGIN).toBeGreaterThan(RESIDUAL_WINDOW);
	});
});
