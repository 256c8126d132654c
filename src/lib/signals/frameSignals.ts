/**
 * What can be read off a token frame and turned into sound: raw measures, not yet normalised. Measures that exist per
 * layer stay per layer, because their scales differ by orders of magnitude.
 */
import type { TokenFrame } from '../model/tokenFrame';

export const SIGNALS = [
	'uncertainty',
	'surprise',
	'attentionEntropy',
	'lookBack',
	'sink',
	'residualGrowth',
	'mlpSparsity'
] as const;
export type Signal = (typeof SIGNALS)[number];

export const SIGNAL_LABELS: Readonly<Record<Signal, string>> = {
	uncertainty: 'Uncertainty of the next token',
	surprise: 'Surprise at the token taken',
	attentionEntropy: 'Breadth of attention',
	lookBack: 'Distance looked back',
	sink: 'Attention parked on the oldest key',
	residualGrowth: 'Growth of the residual stream',
	mlpSparsity: 'Sparsity of the MLP'
};

/** One value for the whole frame, or one for each layer. */
export type RawSignals = Record<Signal, number[]>;

/** The raw measures of a frame, each finite. `window` is the model's: the oldest key in it, the sink, is left out. */
export function frameSignals(frame: TokenFrame, window: number): RawSignals {
	const sinkPosition = Math.max(0, frame.index - window);
	const perLayer = (measure: (layer: number) => number) =>
		Array.from({ length: frame.layers }, (_, layer) => measure(layer));
	return {
		uncertainty: [frame.entropy],
		surprise: [-frame.logProbability],
		attentionEntropy: perLayer((layer) => meanOverHeads(frame, layer, ({ entropy }) => entropy)),
		lookBack: perLayer((layer) =>
			meanOverHeads(frame, layer, ({ indices, weights }) =>
				logDistance(frame.index, sinkPosition, indices, weights)
			)
		),
		sink: perLayer((layer) => meanOverHeads(frame, layer, ({ sink }) => sink)),
		residualGrowth: perLayer((layer) => {
			const { residualNorm, attentionUpdateNorm, mlpUpdateNorm } = frame.layer(layer);
			return Math.log1p((attentionUpdateNorm + mlpUpdateNorm) / (residualNorm + 1e-6));
		}),
		mlpSparsity: perLayer((layer) => frame.layer(layer).mlpSparsity)
	};
}

function meanOverHeads(
	frame: TokenFrame,
	layer: number,
	measure: (head: ReturnType<TokenFrame['head']>) => number
): number {
	let sum = 0;
	for (let head = 0; head < frame.heads; head++) sum += measure(frame.head(layer, head));
	return sum / frame.heads;
}

/** Mean of ln(1 + distance in tokens) over the most attended keys but the sink, weighted by attention. */
function logDistance(
	position: number,
	sinkPosition: number,
	indices: Uint32Array,
	weights: Float32Array
): number {
	let sum = 0;
	let mass = 0;
	indices.forEach((index, i) => {
		if (index === sinkPosition) return;
		sum += weights[i]! * Math.log1p(Math.max(0, position - index));
		mass += weights[i]!;
	});
	return mass > 0 ? sum / mass : 0;
}
