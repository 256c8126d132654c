import { beforeEach, describe, expect, it, vi } from 'vitest';
import { storedForms } from '../../../src/lib/model/wgsl/formMemory';
import { SHIPPED_SHAPE, TINY } from '../model/randomModel';

const kept = vi.hoisted(() => ({ entries: new Map<string, unknown>(), broken: false }));
vi.mock('idb-keyval', () => ({
	get: async (key: string) => {
		if (kept.broken) throw new DOMException('no storage', 'InvalidStateError');
		return structuredClone(kept.entries.get(key));
	},
	set: async (key: string, value: unknown) => {
		if (kept.broken) throw new DOMException('no storage', 'InvalidStateError');
		kept.entries.set(key, structuredClone(value));
	}
}));

const CARD = { name: 'a card', software: false, subgroupSize: 32 };
const FORM = { kind: 'workgroup', lanes: 32 } as const;

describe('the memory of kernel forms', () => {
	beforeEach(() => {
		kept.entries.clear();
		kept.broken = false;
	});

	it('gives back what was chosen on this card for this shape, in this browser', async () => {
		await storedForms('browser 1').remember(CARD, TINY, FORM);
		const forms = storedForms('browser 1');
		expect(await forms.recall(CARD, TINY)).toStrictEqual(FORM);
		expect(await forms.recall(CARD, SHIPPED_SHAPE)).toBeNull();
		expect(await forms.recall({ ...CARD, name: 'another card' }, TINY)).toBeNull();
		expect(await storedForms('browser 2').recall(CARD, TINY)).toBeNull();
	});

	it('gives nothing that this card would not be offered', async () => {
		const forms = storedForms('browser');
		await forms.remember(CARD, TINY, { kind: 'subgroup', lanes: 64 });
		expect(await forms.recall(CARD, TINY)).toBeNull();
	});

	it('does without where the browser keeps nothing', async () => {
		kept.broken = true;
		const forms = storedForms('browser');
		await forms.remember(CARD, TINY, FORM);
		expect(await forms.recall(CARD, TINY)).toBeNull();
	});
});
