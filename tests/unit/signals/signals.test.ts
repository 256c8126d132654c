import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../src/lib/controls/parameters';
import {
	HEAD_BLOCK,
	LAYER_BLOCK,
	NONE,
	TOP,
	createFrameSlab,
	frameLayout,
	type FrameSlab
} from '../../../src/lib/model/tokenFrame';
import { SIGNALS } from '../../../src/lib/signals/frameSignals';
import { FrameStore } from '../../../src/lib/signals/frameStore';
import { Normaliser } from '../../../src/lib/signals/normaliser';
import { DEFAULT_PATCH, modulate, noteSignals } from '../../../src/lib/signals/patch';

interface Spec {
	position: number;
	entropy: number;
	headEntropy: number;
	lookBack: number;
	residualNorm: number;
}

const WINDOW = 64;

/** One frame of a model with two layers and two heads; layer 1's residual is a thousand times layer 0's. */
function frameOf(spec: Spec): FrameSlab {
	const slab = createFrameSlab(2, 2, 1);
	const layout = frameLayout(2, 2);
	const words = new Uint32Array(slab.buffer);
	const floats = new Float32Array(slab.buffer);
	words[layout.index] = spec.position;
	floats[layout.logProbability] = -spec.entropy;
	floats[layout.entropy] = spec.entropy;
	words.fill(NONE, layout.alternativeTokens, layout.alternativeTokens + TOP);
	for (let head = 0; head < 4; head++) {
		const block = layout.headBlocks + head * layout.headStride;
		floats[block + HEAD_BLOCK.entropy] = spec.headEntropy;
		words.fill(NONE, block + HEAD_BLOCK.indices, block + HEAD_BLOCK.indices + TOP);
		words[block + HEAD_BLOCK.indices] = spec.position - spec.lookBack;
		floats[block + HEAD_BLOCK.weights] = 0.8;
	}
	for (let layer = 0; layer < 2; layer++) {
		const block = layout.layerBlocks + layer * layout.layerStride;
		floats[block + LAYER_BLOCK.residualNorm] = spec.residualNorm * (layer ? 1000 : 1);
		floats[block + LAYER_BLOCK.attentionUpdateNorm] = layer ? 1000 : 1;
	}
	return slab;
}

const ordinary: Spec = { position: 1000, entropy: 1, headEntropy: 1, lookBack: 9, residualNorm: 5 };

/** A store that has heard a hundred frames that vary a little. */
function seasonedStore(): FrameStore {
	const store = new FrameStore(WINDOW);
	for (let i = 0; i < 100; i++) {
		const sway = Math.sin(i) * 0.2;
		store.push(
			frameOf({
				position: 900 + i,
				entropy: 1 + sway,
				headEntropy: 1 + sway,
				lookBack: 8 + (i % 3),
				residualNorm: 5 + sway
			})
		);
	}
	return store;
}

function signalsOf(spec: Spec) {
	const store = seasonedStore();
	store.push(frameOf(spec));
	return store.signals(spec.position, spec.position)[0]!;
}

describe('signals', () => {
	it('are near the middle for a token like those before it', () => {
		const signals = signalsOf(ordinary);
		for (const signal of SIGNALS) {
			expect(signals[signal]).toBeGreaterThan(0.15);
			expect(signals[signal]).toBeLessThan(0.85);
		}
	});

	it('rise with what they are named for', () => {
		const before = signalsOf(ordinary);
		expect(signalsOf({ ...ordinary, entropy: 2 }).uncertainty).toBeGreaterThan(
			before.uncertainty + 0.2
		);
		expect(signalsOf({ ...ordinary, entropy: 2 }).surprise).toBeGreaterThan(before.surprise + 0.2);
		expect(signalsOf({ ...ordinary, headEntropy: 2 }).attentionEntropy).toBeGreaterThan(
			before.attentionEntropy + 0.2
		);
		expect(signalsOf({ ...ordinary, lookBack: 40 }).lookBack).toBeGreaterThan(
			before.lookBack + 0.2
		);
		expect(signalsOf({ ...ordinary, residualNorm: 2 }).residualGrowth).toBeGreaterThan(
			before.residualGrowth + 0.2
		);
	});

	it('leave the oldest key out of the distance looked back', () => {
		const sunk = signalsOf({ ...ordinary, lookBack: WINDOW });
		const short = signalsOf({ ...ordinary, lookBack: 1 });
		expect(sunk.lookBack).toBeLessThan(0.2);
		expect(short.lookBack).toBeLessThan(0.2);
	});

	it('let a quiet layer speak beside one a thousand times louder', () => {
		const raw = (quiet: number) => ({
			uncertainty: [0],
			surprise: [0],
			attentionEntropy: [0],
			lookBack: [0],
			sink: [0],
			residualGrowth: [quiet, 1000],
			mlpSparsity: [0]
		});
		const normaliser = new Normaliser();
		for (let i = 0; i < 50; i++) normaliser.push(raw(1 + 0.1 * Math.sin(i)));
		expect(normaliser.push(raw(1.3)).residualGrowth).toBeGreaterThan(0.8);
	});

	it('stay between 0 and 1 whatever arrives', () => {
		const anything = fc.float({ noNaN: false });
		fc.assert(
			fc.property(fc.array(anything, { minLength: 1, maxLength: 40 }), (values) => {
				const normaliser = new Normaliser();
				for (const value of values) {
					const raw = Object.fromEntries(SIGNALS.map((signal) => [signal, [value, -value]]));
					const signals = normaliser.push(raw as Parameters<Normaliser['push']>[0]);
					for (const signal of SIGNALS) {
						expect(signals[signal]).toBeGreaterThanOrEqual(0);
						expect(signals[signal]).toBeLessThanOrEqual(1);
					}
				}
			})
		);
	});
});

describe('the frame store', () => {
	it('overwrites a position that is written again', () => {
		const store = seasonedStore();
		store.push(frameOf({ ...ordinary, position: 950, entropy: 3 }));
		expect(store.frame(950)!.entropy).toBe(3);
	});

	it('forgets the oldest frames and keeps the newest', () => {
		const store = new FrameStore(WINDOW);
		for (let position = 0; position < 9000; position++)
			store.push(frameOf({ ...ordinary, position }));
		expect(store.frame(0)).toBeUndefined();
		expect(store.frame(8999)).toBeDefined();
	});
});

describe('the default patch', () => {
	it('turns only parameters that exist, on tracks that have notes', () => {
		for (const cable of DEFAULT_PATCH) {
			const parameter = PARAMETERS.find(({ id }) => id === cable.parameter);
			expect(parameter?.kind, cable.parameter).toBe('number');
		}
	});

	it('leaves a knob alone for an ordinary token, at no depth, and inside its travel always', () => {
		const [cable] = DEFAULT_PATCH;
		const signals = noteSignals([signalsOf(ordinary)])!;
		const high = { ...signals, [cable!.signal]: 1 };
		const middle = { ...signals, [cable!.signal]: 0.5 };
		expect(modulate(0.4, cable!, middle, 1)).toBeCloseTo(0.4);
		expect(modulate(0.4, cable!, high, 0)).toBeCloseTo(0.4);
		expect(modulate(0.4, cable!, high, 1)).toBeCloseTo(0.4 + cable!.amount);
		expect(modulate(0.9, cable!, high, 1)).toBe(1);
	});

	it('knows no signals for a note without frames', () => {
		expect(noteSignals([])).toBeNull();
	});
});
