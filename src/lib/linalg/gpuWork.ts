/**
 * Long work on the GPU in short pieces, so that whatever else it computes or draws is not held up: a dispatch is split so
 * that it takes 25 ms at most, about 10 ms go into a submit, and the next one waits for it. How fast the adapter is with each
 * kernel is measured as the work goes on.
 */
import { stagingBuffer, storageBuffer } from '../gpu/buffers';
import type { GpuDevice } from '../gpu/device';
import { bufferGroup } from '../gpu/pipelines';
import type { Pace } from './pace';
import type { SvdKernel, SvdKernels } from './svdKernels';

export interface Dispatch {
	readonly kernel: SvdKernel;
	readonly group: GPUBindGroup;
	/** how many pairs or squares, which may be dispatched in parts */
	readonly units: number;
	/** units in a workgroup; default 1 */
	readonly unitsPerWorkgroup?: number;
	/** workgroups of each unit, down; default 1 */
	readonly down?: number;
	/** the step's words behind `first` and `count` */
	readonly words: readonly number[];
	/** floating-point operations of a unit, as a measure of its time */
	readonly operations: number;
}

const DISPATCH_MILLISECONDS = 25;
const SUBMIT_MILLISECONDS = 10;
/** What a dispatch costs beside its work, in milliseconds. */
const DISPATCH_OVERHEAD = 0.005;
/** Operations in a millisecond that surely any adapter of a kind can do, until it was measured. */
const FIRST_RATE = { software: 5e4, hardware: 5e6 };
/** How much faster, or slower, than last believed a kernel may be believed to be after one measurement. */
const RATE_GROWTH = 4;
const RATE_FALL = 2;
/** Of a submit, what it takes to come back is taken off; of the rest no shorter time is believed. */
const LEAST_MILLISECONDS = 0.5;
const MOST_DISPATCHES = 256;
const STEP_STRIDE = 256;
/** Workgroups in a dimension. */
const LARGEST_ROW = 65_535;

interface Pending {
	readonly kernel: SvdKernel;
	readonly group: GPUBindGroup;
	readonly across: number;
	readonly down: number;
	readonly operations: number;
}

export class GpuWork {
	readonly device: GPUDevice;
	readonly #pace: Pace;
	readonly #kernels: SvdKernels;
	readonly #steps: GPUBuffer;
	readonly #stepGroup: GPUBindGroup;
	readonly #words = new Uint32Array((MOST_DISPATCHES * STEP_STRIDE) / 4);
	readonly #marker: GPUBuffer;
	readonly #markerRead: GPUBuffer;
	readonly #owned: GPUBuffer[] = [];
	readonly #pending: Pending[] = [];
	/** what they are believed to take */
	#pendingMilliseconds = 0;
	readonly #firstRate: number;
	/** operations in a millisecond: kernels wait for memory and at barriers, each in its own way */
	readonly #rates = new Map<SvdKernel, number>();
	/** milliseconds that a submit with nothing to do takes to come back; null until it was measured */
	#latency: number | null = null;

	constructor({ device, software }: GpuDevice, kernels: SvdKernels, pace: Pace) {
		this.device = device;
		this.#pace = pace;
		this.#firstRate = software ? FIRST_RATE.software : FIRST_RATE.hardware;
		this.#kernels = kernels;
		this.#steps = device.createBuffer({
			label: 'svd steps',
			size: this.#words.byteLength,
			usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
		});
		this.#marker = this.storage('svd marker', 1);
		this.#markerRead = stagingBuffer(device, 'svd marker', 4);
		this.#owned.push(this.#steps, this.#markerRead);
		this.#stepGroup = bufferGroup(device, 'svd step', kernels.stepLayout, [
			{ buffer: this.#steps, size: STEP_STRIDE }
		]);
	}

	/** A word that kernels may raise to the largest of what they meet; `takeLargest` reads it and begins anew. */
	get largest(): GPUBuffer {
		return this.#marker;
	}

	/** A buffer of so many f32, all zero, freed with the work. */
	storage(label: string, values: number): GPUBuffer {
		return this.own(storageBuffer(this.device, label, values * 4));
	}

	/** The buffer, to be freed with the work. */
	own(buffer: GPUBuffer): GPUBuffer {
		this.#owned.push(buffer);
		return buffer;
	}

	/** Queues a dispatch, in parts where it would take too long. */
	async run(dispatch: Dispatch): Promise<void> {
		const { kernel, group, units, unitsPerWorkgroup = 1, down = 1, words, operations } = dispatch;
		let first = 0;
		while (first < units) {
			const rate = this.#rateOf(kernel);
			const affordable = Math.floor((DISPATCH_MILLISECONDS * rate) / operations);
			const most = Math.min(affordable, LARGEST_ROW * unitsPerWorkgroup);
			const count = Math.min(units - first, Math.max(unitsPerWorkgroup, most));
			this.#words.set([first, count, ...words], (this.#pending.length * STEP_STRIDE) / 4);
			this.#pending.push({
				kernel,
				group,
				across: Math.ceil(count / unitsPerWorkgroup),
				down,
				operations: count * operations
			});
			this.#pendingMilliseconds += (count * operations) / rate;
			first += count;
			const milliseconds = this.#pendingMilliseconds + this.#pending.length * DISPATCH_OVERHEAD;
			if (milliseconds >= SUBMIT_MILLISECONDS || this.#pending.length === MOST_DISPATCHES) {
				await this.#submit();
			}
		}
	}

	/** Runs what is queued; returns the largest float that kernels raised the marker to since the last call. */
	async takeLargest(): Promise<number> {
		const value = await this.#submit();
		this.device.queue.writeBuffer(this.#marker, 0, new Uint32Array(1));
		return value;
	}

	/** Runs what is queued; returns the contents of a buffer. */
	async read(buffer: GPUBuffer, values: number): Promise<Float32Array<ArrayBuffer>> {
		await this.#submit();
		const staging = stagingBuffer(this.device, 'svd result', values * 4);
		try {
			const encoder = this.device.createCommandEncoder();
			encoder.copyBufferToBuffer(buffer, 0, staging, 0, values * 4);
			this.device.queue.submit([encoder.finish()]);
			return await this.#mapped(staging, values);
		} finally {
			staging.destroy();
		}
	}

	/** Frees every buffer. */
	dispose(): void {
		for (const buffer of this.#owned) buffer.destroy();
	}

	/** Runs what is queued and waits for it; returns the marker. Throws a GpuError when the device was lost. */
	async #submit(): Promise<number> {
		this.#latency ??= (await this.#roundTrip([])).milliseconds;
		const dispatches = this.#pending.splice(0);
		this.#pendingMilliseconds = 0;
		const { marker, milliseconds } = await this.#roundTrip(dispatches);
		if (dispatches.length > 0) {
			this.#learn(dispatches, Math.max(LEAST_MILLISECONDS, milliseconds - this.#latency));
		}
		this.#pace.check();
		return marker;
	}

	#rateOf(kernel: SvdKernel): number {
		return this.#rates.get(kernel) ?? this.#firstRate;
	}

	/**
	 * Believes kernels to be as fast as a submit of them was. Which of them was slower than believed can't be told, so all are
	 * taken to be; where they were faster, each is by its part in what they were believed to take.
	 */
	#learn(dispatches: readonly Pending[], milliseconds: number): void {
		const believed = new Map<SvdKernel, number>();
		let total = 0;
		for (const { kernel, operations } of dispatches) {
			const time = operations / this.#rateOf(kernel);
			believed.set(kernel, (believed.get(kernel) ?? 0) + time);
			total += time;
		}
		const faster = Math.min(RATE_GROWTH, Math.max(1 / RATE_FALL, total / milliseconds));
		for (const [kernel, time] of believed) {
			const change = faster > 1 ? faster ** (time / total) : faster;
			this.#rates.set(kernel, this.#rateOf(kernel) * change);
		}
	}

	/** What was copied to a staging buffer. Throws a GpuError when the device was lost. */
	#mapped(staging: GPUBuffer, values: number): Promise<Float32Array<ArrayBuffer>> {
		const { lossGuard, mapRead } = this.#kernels;
		return lossGuard.guard(
			mapRead(staging, values * 4, (bytes) => new Float32Array(bytes.slice(0)))
		);
	}

	async #roundTrip(
		dispatches: readonly Pending[]
	): Promise<{ marker: number; milliseconds: number }> {
		const { queue } = this.device;
		if (dispatches.length > 0) {
			queue.writeBuffer(this.#steps, 0, this.#words, 0, (dispatches.length * STEP_STRIDE) / 4);
		}
		const encoder = this.device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		dispatches.forEach(({ kernel, group, across, down }, i) => {
			pass.setPipeline(kernel.pipeline);
			pass.setBindGroup(0, this.#stepGroup, [i * STEP_STRIDE]);
			pass.setBindGroup(1, group);
			pass.dispatchWorkgroups(across, down);
		});
		pass.end();
		encoder.copyBufferToBuffer(this.#marker, 0, this.#markerRead, 0, 4);
		const began = performance.now();
		queue.submit([encoder.finish()]);
		const [marker = 0] = await this.#mapped(this.#markerRead, 1);
		return { marker, milliseconds: performance.now() - began };
	}
}
