/**
 * The Inspector on WebGPU. What a question needs is first copied out of the rings, in the queue between two submits of the
 * decoder, so an answer is of one moment, and the decoder writes on while it is worked out.
 */
import inspectAttention from '$shaders/decode/inspect_attention.wgsl?raw';
import { stagingBuffer, storageBuffer, uniformBuffer } from '../../gpu/buffers';
import type { MapRead } from '../../gpu/mapRead';
import { bufferGroup, bufferLayout, computePipeline } from '../../gpu/pipelines';
import type { ModelConfig } from '../config';
import { RESIDUAL_POSITIONS, type Inspector } from '../inspector';
import { requireIndex, softmax, type ResidualSlots } from '../recordings';
import { capacityOf, quadsOf, wgslConstants } from './constants';
import type { StepProgram } from './stepProgram';

/** The compiled kernel of inspect_attention.wgsl. */
export interface AttentionKernel {
	readonly pipeline: GPUComputePipeline;
	readonly layout: GPUBindGroupLayout;
}

/** Columns of a workgroup. */
const COLUMNS = 64;

/** Multiplications of a dispatch: a few milliseconds on slow graphics cards, and some 30 on emulated ones. */
const PRODUCTS_PER_DISPATCH = 2 ** 23;

/** Compiles the kernel for a model. Throws a GpuError. */
export async function compileAttention(
	device: GPUDevice,
	config: ModelConfig
): Promise<AttentionKernel> {
	const name = 'inspect_attention.wgsl';
	const kinds = [
		'uniform',
		...Array<'read-only-storage'>(3).fill('read-only-storage'),
		'storage'
	] as const;
	const layout = bufferLayout(device, name, kinds);
	const constants = wgslConstants(
		{ COLUMNS, HEAD_SIZE: config.headSize, QUADS: quadsOf(config) },
		{ ATTENTION_SCALE: config.attentionScale }
	);
	const code = constants + inspectAttention;
	return { pipeline: await computePipeline(device, { name, code, layouts: [layout] }), layout };
}

/** What the inspector looks at. */
export interface Inspected {
	readonly device: GPUDevice;
	readonly config: ModelConfig;
	readonly keys: StepProgram['keys'];
	readonly recordings: NonNullable<StepProgram['recordings']>;
	readonly residuals: NonNullable<StepProgram['residuals']>;
	/** Positions that have been run, or will have been when the GPU comes to what is submitted next. Throws when disposed. */
	run(): number;
	/** Positions from 0 to the furthest run since the sequence began: older slots are overwritten. */
	reached(): number;
	readonly residualSlots: ResidualSlots;
	/** Rejects with a DeviceLostError. */
	readonly read: MapRead;
	/** Compiles at the first question. */
	kernel(): Promise<AttentionKernel>;
}

/** A stretch of a buffer, in floats. */
interface Stretch {
	readonly from: GPUBuffer;
	readonly begin: number;
	readonly count: number;
}

export function createWgslInspector(inspected: Inspected): Inspector {
	const { device, config, keys, recordings, residuals, read } = inspected;
	const { heads, keyValueHeads, headSize, hiddenSize, layers, layerWindows } = config;
	const quads = quadsOf(config);

	const oldestOf = (layer: number, position: number): number =>
		Math.max(0, position - layerWindows[layer]! + 1);

	function queriesOf(layer: number, head: number): Stretch {
		const count = capacityOf(config, layer) * headSize;
		return { from: recordings[layer]!, begin: head * count, count };
	}

	function normalizersOf(layer: number, head: number): Stretch {
		const count = capacityOf(config, layer);
		return { from: recordings[layer]!, begin: (heads * headSize + head) * count, count };
	}

	function keysOf(layer: number, head: number): Stretch {
		const count = capacityOf(config, layer) * quads * 4;
		const keyHead = Math.floor((head * keyValueHeads) / heads);
		return { from: keys[layer]!, begin: keyHead * count, count };
	}

	function requireHead(layer: number, head: number): void {
		requireIndex('layer', layer, layers);
		requireIndex('head', head, heads);
	}

	/** Throws a RangeError unless the query at `position`, and all keys that it saw, are still there. */
	function requireKept(layer: number, position: number): void {
		requireIndex('position', position, inspected.run());
		const capacity = capacityOf(config, layer);
		if (oldestOf(layer, position) >= inspected.reached() - capacity) return;
		throw new RangeError(
			`Position ${position} lies too far back: layer ${layer} keeps its latest ${capacity} keys, and that query saw older ones. Ask for a later position.`
		);
	}

	/** Copies stretches into the buffers that `create` makes of their sizes, one after the other. */
	function copyOut(
		stretches: readonly Stretch[],
		target: (count: number, i: number) => readonly [GPUBuffer, number]
	): void {
		const encoder = device.createCommandEncoder();
		stretches.forEach(({ from, begin, count }, i) => {
			const [to, at] = target(count, i);
			encoder.copyBufferToBuffer(from, begin * 4, to, at * 4, count * 4);
		});
		device.queue.submit([encoder.finish()]);
	}

	/** The contents of stretches, one after the other. */
	async function readStretches(stretches: readonly Stretch[]): Promise<Float32Array<ArrayBuffer>> {
		const floats = stretches.reduce((sum, { count }) => sum + count, 0);
		const staging = stagingBuffer(device, 'looked at', floats * 4);
		try {
			let end = 0;
			copyOut(stretches, (count) => [staging, (end += count) - count]);
			return await read(staging, floats * 4, (mapped) => new Float32Array(mapped.slice(0)));
		} finally {
			staging.destroy();
		}
	}

	async function residualsOf(
		layer: number,
		first: number,
		count: number
	): Promise<Float32Array<ArrayBuffer>> {
		requireIndex('layer', layer, layers + 1);
		inspected.residualSlots.requireRun(first, count, inspected.run());
		const stretches = Array.from({ length: count }, (_, i): Stretch => {
			const slot = (first + i) % RESIDUAL_POSITIONS;
			return {
				from: residuals,
				begin: (slot * (layers + 1) + layer) * hiddenSize,
				count: hiddenSize
			};
		});
		return readStretches(stretches);
	}

	return {
		async attention(layer, head) {
			requireHead(layer, head);
			const run = inspected.run();
			requireIndex('position', 0, run);
			const first = oldestOf(layer, run - 1);
			const count = run - first;
			const window = layerWindows[layer]!;
			const capacity = capacityOf(config, layer);
			const rowsPerDispatch = Math.ceil(PRODUCTS_PER_DISPATCH / (count * headSize));
			const rowsAtOnce = Math.min(count, rowsPerDispatch);

			const stretches = [queriesOf(layer, head), normalizersOf(layer, head), keysOf(layer, head)];
			const copies = stretches.map((each) => storageBuffer(device, 'copy', each.count * 4));
			copyOut(stretches, (_, i) => [copies[i]!, 0]);
			const question = uniformBuffer(device, 'question', new Uint32Array(8));
			const rowsBuffer = storageBuffer(device, 'attention', rowsAtOnce * count * 4);
			const staging = stagingBuffer(device, 'attention', rowsAtOnce * count * 4);
			try {
				const { pipeline, layout } = await inspected.kernel();
				const group = bufferGroup(device, 'attention', layout, [question, ...copies, rowsBuffer]);
				const weights = new Float32Array(count * count);
				for (let row = 0; row < count; row += rowsAtOnce) {
					const rows = Math.min(rowsAtOnce, count - row);
					device.queue.writeBuffer(
						question,
						0,
						Uint32Array.of(first, count, row, window, capacity)
					);
					const encoder = device.createCommandEncoder();
					const pass = encoder.beginComputePass({ label: 'attention' });
					pass.setPipeline(pipeline);
					pass.setBindGroup(0, group);
					pass.dispatchWorkgroups(Math.ceil(count / COLUMNS), rows);
					pass.end();
					const bytes = rows * count * 4;
					encoder.copyBufferToBuffer(rowsBuffer, 0, staging, 0, bytes);
					device.queue.submit([encoder.finish()]);
					await read(staging, bytes, (mapped) =>
						weights.set(new Float32Array(mapped), row * count)
					);
				}
				return { first, count, weights };
			} finally {
				for (const buffer of [...copies, question, rowsBuffer, staging]) buffer.destroy();
			}
		},

		async products(layer, head, position) {
			requireHead(layer, head);
			requireKept(layer, position);
			const capacity = capacityOf(config, layer);
			const first = oldestOf(layer, position);
			const count = position - first + 1;
			const own = queriesOf(layer, head);
			const begin = own.begin + (position % capacity) * headSize;
			const found = await readStretches([{ ...own, begin, count: headSize }, keysOf(layer, head)]);
			const query = found.slice(0, headSize);
			const ring = found.subarray(headSize);
			const seen = new Float32Array(count * headSize);
			const products = new Float64Array(count);
			for (let i = 0; i < count; i++) {
				const slot = (first + i) % capacity;
				let sum = 0;
				for (let channel = 0; channel < headSize; channel++) {
					const quad = Math.floor(channel / 4);
					const key = ring[(quad * capacity + slot) * 4 + (channel % 4)]!;
					seen[i * headSize + channel] = key;
					sum += query[channel]! * key;
				}
				products[i] = sum * config.attentionScale;
			}
			const weights = Float32Array.from(softmax(products));
			return { first, count, query, keys: seen, products: Float32Array.from(products), weights };
		},

		residual: (layer, position) => residualsOf(layer, position, 1),
		residuals: residualsOf
	};
}
