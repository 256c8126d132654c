import { describe, expect, it } from 'vitest';
import { createLossGuard } from '../../../src/lib/gpu/deviceLoss';

/** A device that is lost when the test says so. */
function losableDevice(): { device: GPUDevice; lose: (message: string) => void } {
	let lose: (message: string) => void = () => undefined;
	const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
		lose = (message) => resolve({ message, reason: 'unknown' } as GPUDeviceLostInfo);
	});
	return { device: { lost } as GPUDevice, lose };
}

const lostError = ({ message }: GPUDeviceLostInfo) => new Error(`lost: ${message}`);
const never = () => new Promise<never>(() => undefined);

describe('a guard against device loss', () => {
	it('passes results and errors through while the device is there', async () => {
		const { guard } = createLossGuard(losableDevice().device, lostError);
		await expect(guard(Promise.resolve(3))).resolves.toBe(3);
		await expect(guard(Promise.reject(new Error('other')))).rejects.toThrow('other');
	});

	it('ends every wait when the device is lost, and every later one at once', async () => {
		const { device, lose } = losableDevice();
		const { guard } = createLossGuard(device, lostError);
		const waits = [guard(never()), guard(never())];
		lose('reset');
		for (const wait of waits) await expect(wait).rejects.toThrow('lost: reset');
		await expect(guard(never())).rejects.toThrow('lost: reset');
		await expect(guard(Promise.reject(new Error('unmapped')))).rejects.toThrow('lost: reset');
	});

	it('sees the loss behind a failure that was announced first', async () => {
		const { device, lose } = losableDevice();
		const { guard } = createLossGuard(device, lostError);
		const wait = guard(Promise.reject(new Error('unmapped')));
		setTimeout(() => lose('reset'), 5);
		await expect(wait).rejects.toThrow('lost: reset');
	});
});
