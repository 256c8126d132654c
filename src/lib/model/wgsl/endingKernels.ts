/**
 * The kernels that end a step. Each describes the model's own distribution for the frame and then settles the next token:
 * `take` appends a given one, `sample` chooses one inside the grammar. Both work in one workgroup, on vocabularies of any
 * size.
 */
import describe from '$shaders/decode/describe.wgsl?raw';
import grammar from '$shaders/decode/grammar.wgsl?raw';
import lanes from '$shaders/decode/lanes.wgsl?raw';
import largest from '$shaders/decode/largest.wgsl?raw';
import noise from '$shaders/decode/noise.wgsl?raw';
import rank from '$shaders/decode/rank.wgsl?raw';
import sample from '$shaders/decode/sample.wgsl?raw';
import step from '$shaders/decode/step.wgsl?raw';
import take from '$shaders/decode/take.wgsl?raw';
import type { ModelConfig } from '../config';
import { shapeConstants, wgslConstants, type KernelOptions } from './constants';
import { read, type Kernel, type Reduction } from './kernel';

/** The two ways to end a step. */
export type Ending = 'take' | 'sample';

/** Invocations that share the vocabulary: one vector of an emulated adapter, or as many as any graphics card runs together. */
const LANES: Readonly<Record<Reduction, number>> = { narrow: 4, wide: 256 };

export function endingKernels(
	config: ModelConfig,
	options: KernelOptions & { readonly reduction: Reduction }
): Readonly<Record<Ending, Kernel>> {
	const common = [
		wgslConstants({ LANES: LANES[options.reduction] }),
		shapeConstants(config, options),
		step,
		lanes,
		largest,
		describe
	];
	const workgroups = [1, 1] as const;
	return {
		take: { name: 'take.wgsl', code: [...common, take].join('\n'), workgroups, bindings: [] },
		sample: {
			name: 'sample.wgsl',
			code: [...common, grammar, noise, rank, sample].join('\n'),
			workgroups,
			bindings: [read('grammar'), read('bias')]
		}
	};
}
