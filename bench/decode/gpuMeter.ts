/**
 * Counts what any engine in this realm asks of WebGPU, by listening at the API itself: dispatches, bytes mapped for
 * reading, bytes of buffers alive. Peers can't be asked, and ours should not be trusted more than they are.
 */

export interface GpuCounts {
	dispatches: number;
	submits: number;
	/** mapped for reading */
	bytesRead: number;
	/** of buffers alive */
	bytesAlive: number;
}

export interface GpuMeter {
	/** a copy of the counts so far */
	counts(): GpuCounts;
}

type Method = (this: object, ...values: never[]) => unknown;

/** Starts counting; null where there is no WebGPU. */
export function installGpuMeter(): GpuMeter | null {
	const realm = globalThis as unknown as Record<string, { prototype: object } | undefined>;
	const { GPUDevice, GPUBuffer, GPUQueue, GPUComputePassEncoder } = realm;
	if (!GPUDevice || !GPUBuffer || !GPUQueue || !GPUComputePassEncoder) return null;
	const counts: GpuCounts = { dispatches: 0, submits: 0, bytesRead: 0, bytesAlive: 0 };
	const alive = new WeakMap<object, number>();
	after(GPUComputePassEncoder, 'dispatchWorkgroups', () => counts.dispatches++);
	after(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
	after(GPUQueue, 'submit', () => counts.submits++);
	after(GPUDevice, 'createBuffer', (_, [descriptor], buffer) => {
		const { size } = descriptor as GPUBufferDescriptor;
		alive.set(buffer as object, size);
		counts.bytesAlive += size;
	});
	after(GPUBuffer, 'destroy', (buffer) => {
		counts.bytesAlive -= alive.get(buffer) ?? 0;
		alive.delete(buffer);
	});
	after(GPUBuffer, 'mapAsync', (buffer, [mode, offset = 0, size]) => {
		const isRead = ((mode as number) & GPUMapMode.READ) !== 0;
		if (isRead) {
			counts.bytesRead += (size as number) ?? (buffer as GPUBuffer).size - (offset as number);
		}
	});
	return { counts: () => ({ ...counts }) };
}

/** Calls `listen` after each call of a method of the class. */
function after(
	{ prototype }: { prototype: object },
	name: string,
	listen: (target: object, values: readonly unknown[], result: unknown) => void
): void {
	const methods = prototype as Record<string, Method>;
	const original = methods[name]!;
	methods[name] = function (this: object, ...values: never[]) {
		const result = original.apply(this, values);
		listen(this, values, result);
		return result;
	};
}
