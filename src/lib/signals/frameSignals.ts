/**
 * What can be read off a token frame and turned into sound: raw measures, not yet normalised. Measures that exist per
 * layer stay per layer, because their scales differ by orders of magnitude.
 */
import { DIRECTIONS, type ResidualFrame } from '../model/residualFrame';
import type { HeadFrame, TokenFrame } from '../model/tokenFrame';

export const SIGNALS = [
	'uncertainty',
	'surprise',
	'attentionEntropy',
	'lookBack',
	'sink',
	'residualGrowth',
	'mlpSparsity',
	'directionLead',
	'effectiveRank',
	'residualDrift',
	'feature'
] as const;
export type Signal = (typeof SIGNALS)[number];

export const SIGNAL_LABELS: Readonly<Record<Signal, string>> = {
	uncertainty: 'Uncertainty of the next token',
	surprise: 'Surprise at the token taken',
	attentionEntropy: 'Breadth of attention',
	lookBack: 'Distance looked back',
	sink: 'Attention parked on the oldest key',
	residualGrowth: 'Growth of the residual stream',
	mlpSparsity: 'Sparsity of the MLP',
	directionLead: 'Lead of one direction (σ₁/σ₂)',
	effectiveRank: 'Directions in play (effective rank)',
	residualDrift: 'Drift of the leading directions',
	feature: 'Activation of a leading direction'
};

/**
 * What a signal can be narrowed to: a few layers, a few heads in them, a few of the leading directions of the residual, or
 * nothing, since the token has but one.
 */
export type Detail = 'token' | 'layers' | 'heads' | 'directions';

export const SIGNAL_DETAIL: Readonly<Record<Signal, Detail>> = {
	uncertainty: 'token',
	surprise: 'token',
	attentionEntropy: 'heads',
	lookBack: 'heads',
	sink: 'heads',
	residualGrowth: 'layers',
	mlpSparsity: 'layers',
	directionLead: 'token',
	effectiveRank: 'token',
	residualDrift: 'token',
	feature: 'directions'
};

/** A signal and where in the model it is read. Layers, heads and directions count from 0; an empty list stands for all. */
export interface Tap {
	signal: Signal;
	layers: readonly number[];
	heads: readonly number[];
	/** of the residual, the strongest first */
	directions: readonly number[];
}

/** What is known of a token. */
export interface TokenRecord {
	readonly frame: TokenFrame;
	/** null where no residuals were recorded */
	readonly residual: ResidualFrame | null;
}

/** The same for taps that read the same. */
export function tapName({ signal, layers, heads, directions }: Tap): string {
	return `${signal} ${layers.join()} ${heads.join()} ${directions.join()}`;
}

/**
 * The raw measures of a token at a tap: one for the whole token, one for each of the tap's layers, meant over its heads, or
 * one for each of its directions. Empty where the model has none of them. `window` is the model's: the oldest key in it,
 * the sink, is left out.
 */
export function measure({ frame, residual }: TokenRecord, tap: Tap, window: number): number[] {
	const layers = chosen(tap.layers, frame.layers);
	const heads = chosen(tap.heads, frame.heads);
	const overHeads = (of: (head: HeadFrame) => number): number[] =>
		heads.length === 0
			? []
			: layers.map(
					(layer) =>
						heads.reduce((sum, head) => sum + of(frame.head(layer, head)), 0) / heads.length
				);
	switch (tap.signal) {
		case 'uncertainty':
			return [frame.entropy];
		case 'surprise':
			return [-frame.logProbability];
		case 'attentionEntropy':
			return overHeads(({ entropy }) => entropy);
		case 'lookBack': {
			const sinkPosition = Math.max(0, frame.index - window);
			return overHeads((head) => logDistance(frame.index, sinkPosition, head));
		}
		case 'sink':
			return overHeads(({ sink }) => sink);
		case 'residualGrowth':
			return layers.map((layer) => {
				const { residualNorm, attentionUpdateNorm, mlpUpdateNorm } = frame.layer(layer);
				return Math.log1p((attentionUpdateNorm + mlpUpdateNorm) / (residualNorm + 1e-6));
			});
		case 'mlpSparsity':
			return layers.map((layer) => frame.layer(layer).mlpSparsity);
		case 'directionLead':
			return residual ? [residual.lead] : [];
		case 'effectiveRank':
			return residual ? [residual.effectiveRank] : [];
		case 'residualDrift':
			return residual ? [residual.drift] : [];
		case 'feature':
			return residual ? chosen(tap.directions, DIRECTIONS).map((k) => residual.features[k]!) : [];
	}
}

/** Those of the asked indices that exist below `count`; all of them when none was asked. */
function chosen(asked: readonly number[], count: number): number[] {
	if (asked.length > 0) return asked.filter((index) => index < count);
	return Array.from({ length: count }, (_, index) => index);
}

/** Mean of ln(1 + distance in tokens) over the most attended keys but the sink, weighted by attention. */
function logDistance(
	position: number,
	sinkPosition: number,
	{ indices, weights }: HeadFrame
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
