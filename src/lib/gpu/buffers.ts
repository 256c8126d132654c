/** GPU buffers by purpose: what each may be used for, and how data gets in and out. */

/** Storage that kernels read and write; all zero. */
export function storageBuffer(device: GPUDevice, label: string, bytes: number): GPUBuffer {
	const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
	return device.createBuffer({
		label,
		size: multipleOf(4, bytes),
		usage: STORAGE | COPY_DST | COPY_SRC
	});
}

/** Storage that holds `data`. */
export function filledBuffer(
	device: GPUDevice,
	label: string,
	data: Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
): GPUBuffer {
	const buffer = storageBuffer(device, label, data.byteLength);
	device.queue.writeBuffer(buffer, 0, data);
	return buffer;
}

/** Parameters that every invocation reads alike. */
export function uniformBuffer(
	device: GPUDevice,
	label: string,
	data: Uint32Array<ArrayBuffer>
): GPUBuffer {
	const { UNIFORM, COPY_DST } = GPUBufferUsage;
	const buffer = device.createBuffer({
		label,
		size: multipleOf(16, data.byteLength),
		usage: UNIFORM | COPY_DST
	});
	device.queue.writeBuffer(buffer, 0, data);
	return buffer;
}

/** Memory that results are copied to, to be mapped and read. */
export function stagingBuffer(device: GPUDevice, label: string, bytes: number): GPUBuffer {
	const { MAP_READ, COPY_DST } = GPUBufferUsage;
	return device.createBuffer({ label, size: multipleOf(4, bytes), usage: MAP_READ | COPY_DST });
}

/** `value` rounded up to a multiple of `step`. */
export function multipleOf(step: number, value: number): number {
	return Math.max(1, Math.ceil(value / step)) * step;
}
