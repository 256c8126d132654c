import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Form } from '../../src/lib/model/wgsl/form';
import { candidateForms, chooseForm, preferred, timeForms } from '../../src/lib/model/wgsl/tune';
import { SHIPPED_SHAPE, TINY_GPT2 } from '../unit/model/randomModel';
import { testDevice } from './setup';

const BASE = {
	reduction: 'narrow',
	fused: false,
	weights: 'f16',
	bindingBytes: 2 ** 27,
	largestRow: 65_535
} as const;

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

describe('the choice of a form', () => {
	it('tries subgroups no wider than the adapter promises, and barriers on graphics cards alone', () => {
		const kinds = (software: boolean, subgroupSize: number) =>
			candidateForms({ software, subgroupSize }).map((form) =>
				form.kind === 'rows' ? 'rows' : `${form.kind} ${form.lanes}`
			);
		const barriers = ['rows', 'workgroup 32', 'workgroup 8'];
		expect(kinds(true, 4)).toStrictEqual(['rows']);
		expect(kinds(false, 1)).toStrictEqual(barriers);
		expect(kinds(false, 4)).toStrictEqual([...barriers, 'subgroup 4']);
		expect(kinds(false, 8)).toStrictEqual([...barriers, 'subgroup 8']);
		expect(kinds(false, 64)).toStrictEqual([...barriers, 'subgroup 32', 'subgroup 8']);
	});

	it.each([
		['f16', false],
		['int8', true]
	] as const)('finds all forms in agreement: %s, fused %s', async (weights, fused) => {
		const forms: Form[] = [
			{ kind: 'rows' },
			{ kind: 'workgroup', lanes: 8 },
			{ kind: 'subgroup', lanes: 4 }
		];
		for (const config of [SHIPPED_SHAPE, TINY_GPT2]) {
			const timings = await timeForms(gpu.device, config, { ...BASE, weights, fused }, forms);
			expect(timings.map(({ form }) => form)).toStrictEqual(forms);
			for (const { milliseconds } of timings) {
				expect(milliseconds).toBeGreaterThan(0);
				expect(milliseconds).toBeLessThan(Infinity);
			}
		}
	});

	it('leaves out a form that computes something else', async () => {
		/** sixteen neighbours do not share a subgroup of SwiftShader's four */
		const forms: Form[] = [{ kind: 'rows' }, { kind: 'subgroup', lanes: 16 }];
		const timings = await timeForms(gpu.device, SHIPPED_SHAPE, BASE, forms);
		expect(timings.map(({ form }) => form)).toStrictEqual([{ kind: 'rows' }]);
	});

	it('keeps to the favourite unless another form is clearly faster', () => {
		const rows: Form = { kind: 'rows' };
		const subgroup: Form = { kind: 'subgroup', lanes: 8 };
		const chosen = (first: number, second: number) =>
			preferred([
				{ form: rows, milliseconds: first },
				{ form: subgroup, milliseconds: second }
			]);
		expect(chosen(2, 1)).toBe(subgroup);
		expect(chosen(0.9, 1)).toBe(subgroup);
		expect(chosen(0.7, 1)).toBe(rows);
	});

	it('takes one that it tried', async () => {
		const adapter = { software: false, subgroupSize: gpu.subgroupSize };
		const form = await chooseForm(gpu.device, SHIPPED_SHAPE, BASE, adapter);
		expect(candidateForms(adapter)).toContainEqual(form);
	});
});
