/** Reads what was copied into staging buffers, once the GPU is done with it. */
import { createFirefoxPoll, needsPolling } from './firefoxPoll';

/**
 * Waits until the first `bytes` of a staging buffer can be read, and hands them to `use`, which must keep no view on
 * them. Rejects when the buffer is destroyed meanwhile.
 */
export type MapRead = <T>(
	staging: GPUBuffer,
	bytes: number,
	use: (mapped: ArrayBuffer) => T
) => Promise<T>;

/** Reads from the buffers of `device`, in the browser that calls itself `userAgent`. */
export function createMapRead(device: GPUDevice, userAgent = ownUserAgent()): MapRead {
	const poll = needsPolling(userAgent) ? createFirefoxPoll(device.queue, device.lost) : null;
	return async (staging, bytes, use) => {
		const mapping = staging.mapAsync(GPUMapMode.READ, 0, bytes);
		await (poll ? poll(mapping) : mapping);
		try {
			return use(staging.getMappedRange(0, bytes));
		} finally {
			staging.unmap();
		}
	};
}

/** Node 20, where tests run, has no navigator. */
function ownUserAgent(): string {
	const { navigator } = globalThis as { navigator?: Navigator };
	return navigator?.userAgent ?? '';
}
