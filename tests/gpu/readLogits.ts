/** The logits that the kernels leave among the activations, which no frame holds as a whole. */
import type { ModelConfig } from '../../src/lib/model/config';
import { activationsOf } from '../../src/lib/model/wgsl/constants';
import type { GpuModel } from '../../src/lib/model/wgsl/gpuModel';
import { packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { packSteps } from '../../src/lib/model/wgsl/packSteps';
import { readBack } from './kernelHarness';

/** The logits [vocabulary] after each of `tokens`, from position `first` on. */
export async function readLogits(
	device: GPUDevice,
	config: ModelConfig,
	model: GpuModel,
	tokens: readonly number[],
	first = 0
): Promise<Float32Array[]> {
	const program = await model.createProgram({ frames: true, recording: false });
	const { logits } = activationsOf(config);
	const sampling = { temperature: 1, topP: 1, minP: 0, seed: 0 };
	const found: Float32Array[] = [];
	device.queue.writeBuffer(program.sequence, 0, packSequence(tokens[0]!));
	for (let position = 0; position < tokens.length; position++) {
		const forced = [tokens[position + 1] ?? 0];
		const batch = { position, count: 1, forced, sampling };
		device.queue.writeBuffer(program.steps, 0, packSteps(config, batch, program.stepStride));
		const encoder = device.createCommandEncoder();
		program.encode(encoder, 1, 'take');
		device.queue.submit([encoder.finish()]);
		if (position < first) continue;
		const activations = await readBack(device, program.activations);
		found.push(activations.slice(logits, logits + config.vocabularySize));
	}
	program.dispose();
	return found;
}

/** The largest difference of two rows of logits; not a number when one of them holds none. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	return Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce(
		(worst, difference) => (difference <= worst ? worst : difference),
		0
	);
}
