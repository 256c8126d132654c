/**
 * Singular values in a worker: on a real graphics card where there is one, on the processor otherwise, and on the processor
 * from then on when the card fails.
 */
import { requestGpuDevice, type GpuDevice } from '../gpu/device';
import { createSvd } from '../linalg/svd';
import { decomposeOnCpu, type Decompose } from '../sonify/svd';

export interface SingularValues {
	readonly decompose: Decompose;
	/** what computes them, in words */
	readonly engine: string;
	dispose(): void;
}

const PROCESSOR = 'the processor';

/** `breathe` lets waiting messages through between two matrices. */
export async function browserSvd(
	gpu: GPU | undefined,
	breathe: () => Promise<void>,
	onNotice: (message: string) => void
): Promise<SingularValues> {
	const onProcessor: Decompose = async (...matrix) => {
		await breathe();
		return decomposeOnCpu(...matrix);
	};
	const device = await realDevice(gpu);
	if (!device) return { decompose: onProcessor, engine: PROCESSOR, dispose: () => undefined };
	const svd = createSvd(device);
	let failed = false;
	return {
		engine: device.name,
		dispose: () => device.device.destroy(),
		async decompose(values, rows, columns, rank) {
			if (failed) return onProcessor(values, rows, columns, rank);
			try {
				return await svd.decompose({ rows, columns, values });
			} catch (error) {
				failed = true;
				onNotice(
					`The graphics card failed (${error instanceof Error ? error.message : error}), so the processor goes on measuring; it takes longer.`
				);
				return onProcessor(values, rows, columns, rank);
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
