import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cable } from '../../../src/lib/signals/patch';
import {
	LONGEST_PATCH_NAME,
	PATCH_PRESETS,
	patchName,
	readPatches,
	withPatch
} from '../../../src/lib/signals/patchPresets';

const CABLES = [cable('surprise', 'bass', 'bass.cutoff', 0.5)];
const OTHERS = [cable('sink', 'lead', 'lead.pan', -0.2)];

describe('patches with names', () => {
	it('keep their place when they are kept again, and come last when they are new', () => {
		const two = withPatch(withPatch([], 'one', CABLES), 'two', CABLES);
		const again = withPatch(two, 'one', OTHERS);
		expect(again.map(({ name }) => name)).toEqual(['one', 'two']);
		expect(again[0]!.cables).toEqual(OTHERS);
		expect(two[0]!.cables, 'the old list is as it was').toEqual(CABLES);
	});

	it('need a name that is there, short, and nobody else’s', () => {
		expect(patchName('  Friday set ')).toBe('Friday set');
		expect(() => patchName('  ')).toThrow(/needs a name/);
		expect(() => patchName('x'.repeat(LONGEST_PATCH_NAME + 1))).toThrow(/41/);
		expect(() => patchName(PATCH_PRESETS[0]!.name)).toThrow(/Choose another/);
	});

	it('are read back as they were written', () => {
		const kept = withPatch(withPatch([], 'one', CABLES), 'two', OTHERS);
		expect(readPatches(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
	});

	it('are read from anything, without what can’t be kept', () => {
		const kept = { name: 'one', cables: CABLES };
		const described = [
			kept,
			{ name: '', cables: [] },
			{ name: 'Acid', cables: [] },
			{ name: 'two' }
		];
		expect(readPatches([...described, null, 7])).toEqual([kept]);
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(Array.isArray(readPatches(value))).toBe(true);
			})
		);
	});
});
