import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESIDUAL_FRAME, type ResidualFrame } from '../../../src/lib/model/residualFrame';
import {
	HEAD_BLOCK,
	LAYER_BLOCK,
	NONE,
	TOP,
	createFrameSlab,
	frameLayout,
	type FrameSlab
} from '../../../src/lib/model/tokenFrame';
import { SIGNALS, type Signal, type Tap } from '../../../src/lib/signals/frameSignals';
import { FrameStore } from '../../../src/lib/signals/frameStore';
import { Normaliser } from '../../../src/lib/signals/normaliser';
import {
	CURVES,
	PATCHABLE,
	cable,
	deviation,
	knobOf,
	readCables
} from '../../../src/lib/signals/patch';
import { DEFAULT_PATCH, PATCH_PRESETS } from '../../../src/lib/signals/patchPresets';

interface Spec {
	position: number;
	entropy: number;
	headEntropy: number;
	lookBack: number;
	residualNorm: number;
	/** entropy of the last head of the last layer, where it differs from the others' */
	lastHeadEntropy?: number;
	/** what the residuals say of the token; null where nothing is known */
	residual?: Partial<ResidualFrame> | null;
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
		floats[block + HEAD_BLOCK.entropy] =
			head === 3 ? (spec.lastHeadEntropy ?? spec.headEntropy) : spec.headEntropy;
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

/** The row of its residuals, as it comes with a bar. */
function residualOf({ residual = {} }: Spec): Float32Array {
	const row = new Float32Array(RESIDUAL_FRAME.stride).fill(NaN);
	if (!residual) return row;
	const { lead = 0.3, effectiveRank = 14, drift = 0.3, features = [0.3, 0.3, 0.3, 0.3] } = residual;
	row.set([lead, effectiveRank, drift, 0.2, 0.1, 0.07, 0.05, ...features]);
	return row;
}

const ordinary: Spec = { position: 1000, entropy: 1, headEntropy: 1, lookBack: 9, residualNorm: 5 };

/** A store that has heard a hundred frames that vary a little. */
function seasonedStore(): FrameStore {
	const store = new FrameStore(WINDOW);
	for (let i = 0; i < 100; i++) {
		const sway = Math.sin(i) * 0.2;
		const spec: Spec = {
			position: 900 + i,
			entropy: 1 + sway,
			headEntropy: 1 + sway,
			lookBack: 8 + (i % 3),
			residualNorm: 5 + sway,
			residual: {
				lead: 0.3 + sway / 2,
				effectiveRank: 14 + 5 * sway,
				drift: 0.3 + sway / 2,
				features: [0, 1, 2, 3].map((k) => 0.3 + Math.sin(i + k) * 0.2)
			}
		};
		store.push(frameOf(spec), residualOf(spec));
	}
	return store;
}

function all(signal: Signal): Tap {
	return { signal, layers: [], heads: [], directions: [] };
}

/** The signals at all layers and heads of a frame that follows a hundred usual ones. */
function signalsOf(spec: Spec): Record<Signal, number> {
	const store = seasonedStore();
	for (const signal of SIGNALS) store.signal(all(signal), 0, 0);
	store.push(frameOf(spec), residualOf(spec));
	return Object.fromEntries(
		SIGNALS.map((signal) => [signal, store.signal(all(signal), spec.position, spec.position)])
	) as Record<Signal, number>;
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
		const { directionLead, effectiveRank, residualDrift, feature } = signalsOf({
			...ordinary,
			residual: { lead: 0.8, effectiveRank: 18, drift: 0.8, features: [0.9, 0.9, 0.9, 0.9] }
		});
		expect(directionLead).toBeGreaterThan(before.directionLead + 0.2);
		expect(effectiveRank).toBeGreaterThan(before.effectiveRank + 0.2);
		expect(residualDrift).toBeGreaterThan(before.residualDrift + 0.2);
		expect(feature).toBeGreaterThan(before.feature + 0.2);
	});

	it('leave the oldest key out of the distance looked back', () => {
		const sunk = signalsOf({ ...ordinary, lookBack: WINDOW });
		const short = signalsOf({ ...ordinary, lookBack: 1 });
		expect(sunk.lookBack).toBeLessThan(0.2);
		expect(short.lookBack).toBeLessThan(0.2);
	});

	it('let a quiet layer speak beside one a thousand times louder', () => {
		const normaliser = new Normaliser();
		for (let i = 0; i < 50; i++) normaliser.push([1 + 0.1 * Math.sin(i), 1000]);
		expect(normaliser.push([1.3, 1000])).toBeGreaterThan(0.8);
	});

	it('stay between 0 and 1 whatever arrives', () => {
		const anything = fc.float({ noNaN: false });
		fc.assert(
			fc.property(fc.array(anything, { minLength: 1, maxLength: 40 }), (values) => {
				const normaliser = new Normaliser();
				for (const value of values) {
					const signal = normaliser.push([value, -value]);
					expect(signal).toBeGreaterThanOrEqual(0);
					expect(signal).toBeLessThanOrEqual(1);
				}
			})
		);
	});
});

describe('a tap', () => {
	const odd: Spec = { ...ordinary, lastHeadEntropy: 4 };

	function breadthAt(layers: number[], heads: number[]): number {
		const store = seasonedStore();
		const tap: Tap = { ...all('attentionEntropy'), layers, heads };
		store.signal(tap, 0, 0);
		store.push(frameOf(odd));
		return store.signal(tap, odd.position, odd.position)!;
	}

	it('hears the layers and heads that it names, and no others', () => {
		const quiet = breadthAt([0], [0]);
		expect(breadthAt([1], [1])).toBeGreaterThan(quiet + 0.3);
		expect(breadthAt([0], [1])).toBeCloseTo(quiet, 6);
		expect(breadthAt([1], [0])).toBeCloseTo(quiet, 6);
		expect(breadthAt([0, 1], [])).toBe(breadthAt([], []));
	});

	it('hears the directions that it names, and no others', () => {
		const loud: Spec = { ...ordinary, residual: { features: [0.3, 0.9, 0.3, 0.3] } };
		const activation = (directions: number[]): number => {
			const store = seasonedStore();
			const tap: Tap = { ...all('feature'), directions };
			store.signal(tap, 0, 0);
			store.push(frameOf(loud), residualOf(loud));
			return store.signal(tap, loud.position, loud.position)!;
		};
		expect(activation([1])).toBeGreaterThan(activation([0]) + 0.3);
		expect(activation([0, 1])).toBeGreaterThan(activation([0]));
		expect(activation([0, 1, 2, 3])).toBe(activation([]));
	});

	it('of residuals that are not known is null, and stays so where they were known before', () => {
		const store = seasonedStore();
		for (const signal of ['directionLead', 'effectiveRank', 'residualDrift', 'feature'] as const) {
			expect(store.signal(all(signal), 950, 950)).not.toBeNull();
			store.push(frameOf({ ...ordinary, position: 950 }));
			expect(store.signal(all(signal), 950, 950)).toBeNull();
			store.push(
				frameOf({ ...ordinary, position: 951 }),
				residualOf({ ...ordinary, residual: null })
			);
			expect(store.signal(all(signal), 951, 951)).toBeNull();
			expect(store.residual(951)).toBeUndefined();
			expect(store.signal({ ...all('feature'), directions: [7] }, 900, 940)).toBeNull();
			const known = { ...ordinary, position: 950 };
			store.push(frameOf(known), residualOf(known));
			expect(store.residual(950)!.effectiveRank).toBe(14);
		}
	});

	it('that comes late takes its statistics from the frames that are there', () => {
		const late = seasonedStore();
		late.push(frameOf({ ...ordinary, entropy: 3 }), residualOf(ordinary));
		expect(late.signal(all('uncertainty'), 1000, 1000)).toBe(
			signalsOf({ ...ordinary, entropy: 3 }).uncertainty
		);
	});

	it('gives the mean over the frames of a note, and null where there is none', () => {
		const store = seasonedStore();
		const [first, second] = [910, 911].map((at) => store.signal(all('surprise'), at, at)!);
		expect(store.signal(all('surprise'), 910, 911)).toBeCloseTo((first! + second!) / 2, 9);
		expect(store.signal(all('surprise'), 5000, 5010)).toBeNull();
	});

	it('of layers or heads that the model has not is null', () => {
		const store = seasonedStore();
		expect(store.signal({ ...all('sink'), layers: [7] }, 910, 920)).toBeNull();
		expect(store.signal({ ...all('sink'), heads: [9] }, 910, 920)).toBeNull();
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

describe('the patches to begin with', () => {
	it('turn only knobs that exist, and come through being read unchanged', () => {
		for (const { name, cables } of PATCH_PRESETS) {
			for (const one of cables)
				expect(knobOf(one), `${name}: ${JSON.stringify(one)}`).toBeDefined();
			expect(readCables(JSON.parse(JSON.stringify(cables)))).toEqual(cables);
		}
	});

	it('reach every voice with the first of them', () => {
		const turned = DEFAULT_PATCH.map((one) => knobOf(one)!);
		for (const { group, voice } of PATCHABLE.filter((knob) => knob.voice !== undefined)) {
			expect(turned.some((knob) => knob.group === group && knob.voice === voice)).toBe(true);
		}
	});
});

describe('the curve of a cable', () => {
	it('leaves an ordinary token alone, and is odd, monotonic and within -1 and 1', () => {
		for (const curve of CURVES) {
			expect(deviation(0.5, curve)).toBeCloseTo(0, 9);
			expect([deviation(0, curve), deviation(1, curve)]).toEqual([-1, 1]);
			let before = -1;
			for (let signal = 0; signal <= 1; signal += 0.01) {
				const value = deviation(signal, curve);
				expect(value).toBeGreaterThanOrEqual(before - 1e-9);
				expect(value).toBeCloseTo(-deviation(1 - signal, curve), 6);
				before = value;
			}
		}
	});

	it('answers early, late or not at all to what is a little unusual', () => {
		const a = 0.58;
		const [linear, early, late, thrown] = CURVES.map((curve) => deviation(a, curve));
		expect(early).toBeGreaterThan(linear! * 2);
		expect(late).toBeLessThan(linear! / 2);
		expect(thrown).toBe(0);
	});
});

describe('a patch that was written down', () => {
	it('loses what this instrument does not have, and keeps the rest within its ranges', () => {
		const good = cable('surprise', 'bass', 'bass.cutoff', 0.5);
		const described = [
			good,
			{ ...good, signal: 'mood' },
			{ ...good, track: 'guest' },
			{ ...good, target: { parameter: 'bass.mute' } },
			{ ...good, target: { parameter: 'model.temperature' } },
			{ ...good, amount: 9, smoothing: -3, curve: 'bent', layers: [2, -1, 2, 0.5], heads: 'all' },
			{ ...good, target: { controller: 123, rest: 300 } },
			{ ...good, signal: 'feature', directions: [3, 0, 3] },
			null,
			'cable'
		];
		expect(readCables(described)).toEqual([
			good,
			{ ...good, amount: 1, layers: [2] },
			{ ...good, target: { controller: 119, rest: 127 } },
			{ ...good, signal: 'feature', directions: [0, 3] }
		]);
	});

	it('is read as it was from before there were directions', () => {
		const { directions, ...before } = cable('surprise', 'bass', 'bass.cutoff', 0.5, {
			layers: [1]
		});
		expect(readCables([before])).toEqual([{ ...before, directions }]);
		expect(JSON.stringify(readCables([before]))).toBe(
			JSON.stringify([cable('surprise', 'bass', 'bass.cutoff', 0.5, { layers: [1] })])
		);
	});

	it('is no patch when it is no list', () => {
		for (const described of [null, {}, 'cables', 3]) expect(readCables(described)).toBeNull();
	});

	it('is never refused with an exception, whatever stands there', () => {
		fc.assert(
			fc.property(fc.array(fc.anything()), (described) => {
				for (const one of readCables(described)!) expect(readCables([one])).toEqual([one]);
			})
		);
	});
});
