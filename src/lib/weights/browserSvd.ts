/**
 * Singular values in a worker: on a real graphics card where there is one, on the processor otherwise, and on the processor
 * from then on when the card fails.
 */
import { requestGpuDevice, type GpuDevice } from '../gpu/device';
import { createSvd } from '../linalg/svd';
import type { SingularValues } from '../sonify/measure';

export interface ValuesEngine {
	readonly singularValues: SingularValues;
	/** what computes them, in words */
	readonly engine: string;
	dispose(): void;
}

export async function browserSvd(
	gpu: GPU | undefined,
	onNotice: (message: string) => void
): Promise<ValuesEngine> {
	const { singularValues: onProcessor } = createSvd(null);
	const device = await realDevice(gpu);
	if (!device) {
		return { singularValues: onProcessor, engine: 'the processor', dispose: () => undefined };
	}
	const svd = createSvd(device);
	let failed = false;
	return {
		engine: device.name,
		dispose: () => device.device.destroy(),
		async singularValues(matrix, count, options) {
			if (failed) return onProcessor(matrix, count, options);
			try {
				return await svd.singularValues(matrix, count, options);
			} catch (error) {
				options.signal?.throwIfAborted();
				failed = true;
				onNotice(
					`The graphics card failed (${error instanceof Error ? error.message : error}), so the processor goes on measuring; it takes longer.`
				);
				return onProcessor(matrix, count, options);
			}
		}
	};
}

/** The graphics card, where it is one: an emulated one is slower than the processor that emulates it. */
async function realDevice(gpu: GPU | undefined): Promise<GpuDevice | null> {
	if (!gpu) return null;
	try {
		const device = await requestGpuDevice(gpu);
		if (!device.software) return device;
		device.device.destroy();
		return null;
	} catch {
		return null; // no adapter: the processor does it, and the page says so
	}
}
