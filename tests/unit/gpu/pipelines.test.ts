import { describe, expect, it } from 'vitest';
import { GpuError } from '../../../src/lib/gpu/device';
import { checked, computePipeline } from '../../../src/lib/gpu/pipelines';

const KERNEL = { name: 'add.wgsl', code: 'line one\nlet x = ;\nline three', layouts: [] };

/** A device whose compiler says this. */
function deviceSaying(
	messages: Pick<GPUCompilationMessage, 'type' | 'lineNum' | 'message'>[],
	createComputePipelineAsync = async () => ({}) as GPUComputePipeline
): GPUDevice {
	return {
		createShaderModule: () => ({ getCompilationInfo: async () => ({ messages }) }),
		createPipelineLayout: () => ({}),
		createComputePipelineAsync
	} as unknown as GPUDevice;
}

/** A device whose error scopes end with these, the last pushed first. */
function deviceWithErrors(...errors: (string | null)[]): GPUDevice {
	return {
		pushErrorScope: () => undefined,
		popErrorScope: async () => {
			const message = errors.shift();
			return message ? { message } : null;
		}
	} as unknown as GPUDevice;
}

describe('compiling a kernel', () => {
	it('names the kernel, the complaint and the line', async () => {
		const device = deviceSaying([
			{ type: 'warning', lineNum: 1, message: 'unused' },
			{ type: 'error', lineNum: 2, message: 'expected expression' }
		]);
		const compiling = computePipeline(device, KERNEL);
		await expect(compiling).rejects.toThrow(GpuError);
		await expect(compiling).rejects.toThrow(/add\.wgsl.*expected expression \(near "let x = ;"\)/);
	});

	it('names a kernel that compiles but can not run', async () => {
		const device = deviceSaying([], () => Promise.reject(new Error('too much memory')));
		await expect(computePipeline(device, KERNEL)).rejects.toThrow(/add\.wgsl.*too much memory/);
	});
});

describe('a checked creation', () => {
	it('gives the result when nothing is wrong', async () => {
		await expect(checked(deviceWithErrors(null, null), 'it', async () => 5)).resolves.toBe(5);
	});

	it('reports memory that is not there before anything else', async () => {
		const device = deviceWithErrors('out of memory', 'invalid buffer');
		const creating = checked(device, 'the model', () => Promise.reject(new Error('consequence')));
		await expect(creating).rejects.toThrow(/no memory left for the model/);
	});

	it('reports invalid use, which WebGPU only logs', async () => {
		const device = deviceWithErrors(null, 'binding too small');
		const creating = checked(device, 'the model', async () => 5);
		await expect(creating).rejects.toThrow(/refused the model: binding too small/);
	});

	it('lets the errors of the creation itself through', async () => {
		const own = new Error('own');
		const creating = checked(deviceWithErrors(null, null), 'it', () => Promise.reject(own));
		await expect(creating).rejects.toBe(own);
	});
});
