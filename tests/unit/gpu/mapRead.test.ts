import { beforeAll, describe, expect, it } from 'vitest';
import { createMapRead } from '../../../src/lib/gpu/mapRead';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36';

beforeAll(() => {
	Object.assign(globalThis, { GPUMapMode: { READ: 1, WRITE: 2 } });
});

/** A device that finds out about maps at its second empty submit, and a buffer that it maps. */
function lazyDevice() {
	let submits = 0;
	let mapped: (() => void) | null = null;
	const queue = {
		submit(commands: unknown[]) {
			expect(commands).toStrictEqual([]);
			if (++submits === 2) mapped?.();
		}
	};
	const device = { queue, lost: new Promise(() => undefined) } as unknown as GPUDevice;
	const buffer = {
		unmapped: 0,
		mapAsync: () => new Promise<void>((resolve) => (mapped = resolve)),
		getMappedRange: (_: number, bytes: number) => new ArrayBuffer(bytes),
		unmap() {
			this.unmapped++;
		}
	};
	return {
		device,
		buffer,
		staging: buffer as unknown as GPUBuffer,
		finish: () => mapped?.(),
		submits: () => submits
	};
}

describe('reading a staging buffer', () => {
	it('nudges Firefox until it notices that the GPU is done', async () => {
		const { device, buffer, staging, submits } = lazyDevice();
		const read = createMapRead(device, FIREFOX);
		expect(await read(staging, 12, ({ byteLength }) => byteLength)).toBe(12);
		expect(submits()).toBe(2);
		expect(buffer.unmapped).toBe(1);
	});

	it('submits nothing in other browsers', async () => {
		const { device, staging, submits, finish } = lazyDevice();
		const reading = createMapRead(device, CHROME)(staging, 8, ({ byteLength }) => byteLength);
		await new Promise((resolve) => setTimeout(resolve, 30));
		finish();
		expect(await reading).toBe(8);
		expect(submits()).toBe(0);
	});

	it('gives the buffer back even when what was read can not be used', async () => {
		const { device, buffer, staging } = lazyDevice();
		const reading = createMapRead(device, FIREFOX)(staging, 8, () => {
			throw new Error('no use');
		});
		await expect(reading).rejects.toThrow('no use');
		expect(buffer.unmapped).toBe(1);
	});
});
