import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workgroupGrid } from '../../../src/lib/model/wgsl/kernel';

describe('a grid of workgroups', () => {
	it('has room for all in rows that one dimension takes, and no row to spare', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 2 ** 26 }),
				fc.integer({ min: 1, max: 65_535 }),
				(count, largestRow) => {
					const [across, down] = workgroupGrid(count, largestRow);
					expect(across).toBeLessThanOrEqual(largestRow);
					expect(across * down).toBeGreaterThanOrEqual(count);
					expect(across * (down - 1)).toBeLessThan(count);
				}
			)
		);
	});

	it('is one row where that is enough', () => {
		expect(workgroupGrid(65_535)).toStrictEqual([65_535, 1]);
		expect(workgroupGrid(65_536)).toStrictEqual([32_768, 2]);
	});
});
