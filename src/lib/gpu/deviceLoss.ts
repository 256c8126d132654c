/**
 * Makes sure that nobody waits for a device that is gone. A lost device leaves some promises pending for ever; here they
 * all reject. One listener serves every wait: racing each against `device.lost` would keep all of them in memory.
 */

export interface LossGuard {
	/** Settles as `promise` does, or rejects once the device is lost. */
	guard<T>(promise: Promise<T>): Promise<T>;
}

/** How long after a failure the device may still turn out to be lost. */
const NOTICE_MILLISECONDS = 50;

/** Watches `device`; `lostError` makes the error of every wait that its loss ends. */
export function createLossGuard(
	device: GPUDevice,
	lostError: (info: GPUDeviceLostInfo) => Error
): LossGuard {
	const waiting = new Set<(error: Error) => void>();
	let lost: Error | null = null;
	void device.lost.then((info) => {
		lost = lostError(info);
		for (const reject of waiting) reject(lost);
		waiting.clear();
	});
	return {
		guard: (promise) =>
			new Promise((resolve, reject) => {
				if (lost) {
					promise.catch(() => lost);
					reject(lost);
					return;
				}
				waiting.add(reject);
				promise.then(
					(value) => {
						waiting.delete(reject);
						resolve(value);
					},
					(error: unknown) => {
						/** the loss behind a failure is announced a moment later */
						setTimeout(() => {
							waiting.delete(reject);
							reject(error instanceof Error ? error : new Error(String(error)));
						}, NOTICE_MILLISECONDS);
					}
				);
			})
	};
}
