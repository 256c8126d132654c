/**
 * The memory bandwidth that a kernel gets on this adapter: every word of some large buffers is read once and added up.
 * The data is a hash of its address, since drivers compress zeros, and it is read once a time, since caches repeat.
 */

/** Read for one measurement on a graphics card, and on an emulated one. */
const BYTES = { hardware: 512 * 2 ** 20, software: 32 * 2 ** 20 };
/** The most that one binding may hold on every adapter. */
const BUFFER_BYTES = 128 * 2 ** 20;
const WORKGROUP = 256;
const WORKGROUPS = 4096;
const REPEATS = 5;

const SHADER = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> values: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

fn mixed(value: u32) -> u32 {
	let state = value * 747796405u + 2891336453u;
	let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
	return (word >> 22u) ^ word;
}

@compute @workgroup_size(${WORKGROUP})
fn fill(@builtin(global_invocation_id) id: vec3u) {
	for (var i = id.x; i < arrayLength(&values); i += ${WORKGROUP * WORKGROUPS}u) {
		values[i] = vec4u(mixed(4u * i), mixed(4u * i + 1u), mixed(4u * i + 2u), mixed(4u * i + 3u));
	}
	sums[id.x % arrayLength(&sums)] = 0u;
}

@compute @workgroup_size(${WORKGROUP})
fn read(@builtin(global_invocation_id) id: vec3u) {
	var sum = vec4u(0u);
	for (var i = id.x; i < arrayLength(&values); i += ${WORKGROUP * WORKGROUPS}u) {
		sum += values[i];
	}
	sums[id.x] = sum.x ^ sum.y ^ sum.z ^ sum.w;
}`;

/** Bytes per second, the median of some measurements. */
export async function measureBandwidth(device: GPUDevice, software: boolean): Promise<number> {
	const total = software ? BYTES.software : BYTES.hardware;
	const size = Math.min(BUFFER_BYTES, total, device.limits.maxStorageBufferBindingSize);
	const module = device.createShaderModule({ code: SHADER });
	const layout = device.createBindGroupLayout({
		entries: [0, 1].map((binding) => ({
			binding,
			visibility: GPUShaderStage.COMPUTE,
			buffer: { type: 'storage' as const }
		}))
	});
	const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
	const pipelineOf = (entryPoint: string) =>
		device.createComputePipelineAsync({ layout: pipelineLayout, compute: { module, entryPoint } });
	const [fill, read] = await Promise.all([pipelineOf('fill'), pipelineOf('read')]);
	const sums = device.createBuffer({
		size: WORKGROUP * WORKGROUPS * 4,
		usage: GPUBufferUsage.STORAGE
	});
	const buffers = Array.from({ length: Math.ceil(total / size) }, () =>
		device.createBuffer({ size, usage: GPUBufferUsage.STORAGE })
	);
	const groups = buffers.map((buffer) =>
		device.createBindGroup({
			layout,
			entries: [
				{ binding: 0, resource: { buffer } },
				{ binding: 1, resource: { buffer: sums } }
			]
		})
	);
	const run = async (pipeline: GPUComputePipeline): Promise<number> => {
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		for (const group of groups) {
			pass.setBindGroup(0, group);
			pass.dispatchWorkgroups(WORKGROUPS);
		}
		pass.end();
		await device.queue.onSubmittedWorkDone();
		const began = performance.now();
		device.queue.submit([encoder.finish()]);
		await device.queue.onSubmittedWorkDone();
		return (performance.now() - began) / 1000;
	};
	await run(fill);
	await run(read);
	const seconds: number[] = [];
	for (let i = 0; i < REPEATS; i++) seconds.push(await run(read));
	for (const buffer of [...buffers, sums]) buffer.destroy();
	return (buffers.length * size) / seconds.sort((a, b) => a - b)[REPEATS >> 1]!;
}
