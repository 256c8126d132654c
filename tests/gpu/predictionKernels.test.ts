import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Constraint, Sampling } from '../../src/lib/model/decoder';
import {
	EXCLUDED,
	createDistribution,
	describeDistribution,
	sampleToken,
	unconstrained
} from '../../src/lib/model/sampling';
import { NONE, TOP, frameLayout } from '../../src/lib/model/tokenFrame';
import {
	admittedTokens,
	admits,
	advance,
	copyState,
	initialState,
	type GrammarState
} from '../../src/lib/model/tokenGrammar';
import { stepKernels, type KernelVariant } from '../../src/lib/model/wgsl/kernels';
import { packGrammar, packSequence } from '../../src/lib/model/wgsl/packConstraint';
import { GRAMMAR } from '../../src/lib/music/grammar';
import { SHIPPED_SHAPE, randomNumbers } from '../unit/model/randomModel';
import { activationsWith, runKernel, type BufferName } from './kernelHarness';
import { testDevice } from './setup';

const CONFIG = SHIPPED_SHAPE;
const layout = frameLayout(CONFIG.layers, CONFIG.heads);

let gpu: GpuDevice;
beforeAll(async () => {
	gpu = await testDevice();
});
afterAll(() => gpu.device.destroy());

function randomLogits(seed: number): Float32Array<ArrayBuffer> {
	const random = randomNumbers(seed);
	return Float32Array.from({ length: 334 }, () => 12 * random() - 6);
}

/** The sequence buffer with a known normaliser. */
function sequenceWith(state: GrammarState, logNormalizer: number): Int32Array<ArrayBuffer> {
	const packed = packSequence(0, state);
	new Float32Array(packed.buffer)[1] = logNormalizer;
	return packed;
}

interface Sampled {
	token: number;
	frame: Uint32Array;
	floats: Float32Array;
	state: GrammarState;
}

async function sample(
	variant: KernelVariant,
	logits: Float32Array,
	position: number,
	sampling: Sampling,
	{ grammar, state, bias }: Constraint
): Promise<Sampled> {
	const result = await runKernel(gpu.device, {
		config: CONFIG,
		kernel: stepKernels(CONFIG, variant).sample,
		position,
		sampling,
		buffers: {
			activations: activationsWith(CONFIG, { logits }),
			sequence: sequenceWith(state, 3.5),
			grammar: packGrammar(grammar),
			bias: bias.slice()
		}
	});
	const words = (name: BufferName) => new Uint32Array(result(name).buffer);
	const sequence = new Int32Array(result('sequence').buffer);
	return {
		token: words('sequence')[0]!,
		frame: words('frames'),
		floats: result('frames'),
		state: {
			state: sequence[2]!,
			registers: Int16Array.from(sequence.slice(3, 3 + grammar.registerCount))
		}
	};
}

/** States that random walks through the grammar reach. */
function walkedStates(count: number): GrammarState[] {
	const random = randomNumbers(5);
	const states: GrammarState[] = [];
	const state = initialState(GRAMMAR);
	for (let i = 0; i < count * 7; i++) {
		if (i % 7 === 0) states.push(copyState(state));
		const tokens = admittedTokens(GRAMMAR, state);
		advance(GRAMMAR, state, tokens[Math.floor(random() * tokens.length)]!);
	}
	return states;
}

describe.each(['rows', 'workgroup'] as const)('in the variant "%s"', (variant) => {
	it('describe reports entropy and the best tokens of the distribution', async () => {
		const logits = randomLogits(3);
		const result = await runKernel(gpu.device, {
			config: CONFIG,
			kernel: stepKernels(CONFIG, variant).describe,
			buffers: { activations: activationsWith(CONFIG, { logits }) }
		});
		const expected = createDistribution();
		describeDistribution(logits, expected);
		const floats = result('frames');
		const words = new Uint32Array(floats.buffer);
		expect(floats[layout.entropy]).toBeCloseTo(expected.entropy, 4);
		expect(result('sequence')[1]).toBeCloseTo(expected.logNormalizer, 4);
		expect([
			...words.slice(layout.alternativeTokens, layout.alternativeTokens + TOP)
		]).toStrictEqual([...expected.topTokens]);
		expected.topProbabilities.forEach((probability, i) => {
			expect(floats[layout.alternativeProbabilities + i]).toBeCloseTo(probability, 5);
		});
	});

	it('take appends the given token and reports what the model thought of it', async () => {
		const logits = randomLogits(4);
		const result = await runKernel(gpu.device, {
			config: CONFIG,
			kernel: stepKernels(CONFIG, variant).take,
			position: 41,
			forced: 77,
			buffers: {
				activations: activationsWith(CONFIG, { logits }),
				sequence: sequenceWith(initialState(GRAMMAR), 3.5)
			}
		});
		const words = new Uint32Array(result('frames').buffer);
		expect(new Uint32Array(result('sequence').buffer)[0]).toBe(77);
		expect([words[layout.index], words[layout.token]]).toStrictEqual([42, 77]);
		expect(result('frames')[layout.logProbability]).toBeCloseTo(logits[77]! - 3.5, 5);
	});

	it('sample agrees with the one definition in every kind of state, and moves the grammar', async () => {
		const random = randomNumbers(8);
		const settings = [
			{ temperature: 1, topP: 1, minP: 0 },
			{ temperature: 0.7, topP: 0.9, minP: 0 },
			{ temperature: 1.4, topP: 0.5, minP: 0.02 },
			{ temperature: 0.2, topP: 0, minP: 0.3 }
		];
		for (const [i, state] of walkedStates(24).entries()) {
			const bias = Float32Array.from({ length: GRAMMAR.scopeCount * 334 }, () =>
				random() < 0.3 ? EXCLUDED : random() - 0.5
			);
			const sampling = { ...settings[i % settings.length]!, seed: i * 7919 };
			const logits = randomLogits(100 + i);
			const constraint = { grammar: GRAMMAR, state, bias };
			const found = await sample(variant, logits, 1000 + i, sampling, constraint);
			const expected = sampleToken(logits, 1001 + i, sampling, constraint, state);
			expect(found.token, `state ${state.state}`).toBe(expected);
			expect(found.frame[layout.token]).toBe(expected);
			expect(found.frame[layout.index]).toBe(1001 + i);
			expect(found.floats[layout.logProbability]).toBeCloseTo(logits[expected]! - 3.5, 5);
			const moved = copyState(state);
			advance(GRAMMAR, moved, expected);
			expect(found.state).toStrictEqual(moved);
		}
	});

	it('equals go to the lower id', async () => {
		const logits = new Float32Array(334).fill(1.25);
		const described = await runKernel(gpu.device, {
			config: CONFIG,
			kernel: stepKernels(CONFIG, variant).describe,
			buffers: { activations: activationsWith(CONFIG, { logits }) }
		});
		const words = new Uint32Array(described('frames').buffer);
		const first = layout.alternativeTokens;
		expect([...words.slice(first, first + TOP)]).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		const bias = new Float32Array(334).fill(EXCLUDED, 0, 19);
		const sampling = { temperature: 1, topP: 0, minP: 0, seed: 1 };
		const { token } = await sample(variant, logits, 0, sampling, { ...unconstrained(334), bias });
		expect(token).toBe(19);
	});

	it('sample ignores a bias that excludes everything the grammar admits', async () => {
		const state = initialState(GRAMMAR);
		const bias = new Float32Array(GRAMMAR.scopeCount * 334).fill(EXCLUDED);
		const sampling = { temperature: 1, topP: 0.9, minP: 0, seed: 1 };
		const constraint = { grammar: GRAMMAR, state, bias };
		const { token } = await sample(variant, randomLogits(1), 0, sampling, constraint);
		expect(admits(GRAMMAR, state, token)).toBe(true);
	});

	it('sample says so when the grammar admits nothing', async () => {
		const open = unconstrained(334);
		const constraint = { ...open, grammar: { ...open.grammar, next: Uint8Array.of(255) } };
		const sampling = { temperature: 1, topP: 1, minP: 0, seed: 1 };
		const { token } = await sample(variant, randomLogits(1), 0, sampling, constraint);
		expect(token).toBe(NONE);
	});
});
