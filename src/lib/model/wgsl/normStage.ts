/** The norms of the residual stream, each with the update that it adds first: the constants of norm_residual.wgsl. */
import type { ModelConfig } from '../config';
import { activationsOf, wgslConstants } from './constants';
import type { WeightFormat } from './form';
import { inputFloats, layerVectors, outerVectors } from './matrixShapes';

/**
 * Where in a step the norm stands: before the first layer's attention, which has no update to add, before a later one's,
 * before an MLP, before the logits.
 */
export type NormPlace = 'first' | 'attention' | 'mlp' | 'final';

export interface NormStage {
	readonly place: NormPlace;
	readonly constants: string;
	/** whether one of the kernel's workgroups writes the new residual, and reports */
	readonly keepsResidual: boolean;
	/** vectors of four that the normed residual takes with its padding */
	readonly quads: number;
}

export function normStage(config: ModelConfig, format: WeightFormat, place: NormPlace): NormStage {
	const activations = activationsOf(config);
	const [norm, update] = vectorPlaces(config, format, place);
	const isUpdated = place !== 'first';
	const isAfterAttention = place === 'mlp';
	const comesFromAttention = isUpdated && !isAfterAttention;
	const hasBias = config.normalization.kind === 'layer';
	const constants = wgslConstants(
		{
			UPDATED: isUpdated,
			AFTER_ATTENTION: isAfterAttention,
			AFTER_MLP: comesFromAttention,
			RESIDUAL_IN: comesFromAttention ? activations.residualAfterAttention : activations.residual,
			RESIDUAL_OUT: isAfterAttention ? activations.residualAfterAttention : activations.residual,
			UPDATE_NORM: isUpdated && config.updateNorms,
			UPDATE_WEIGHT: update.weight,
			UPDATE_HAS_BIAS: hasBias,
			UPDATE_BIAS: update.bias,
			NORM_WEIGHT: norm.weight,
			NORM_HAS_BIAS: hasBias,
			NORM_BIAS: norm.bias,
			LAYER_NORM: config.normalization.kind === 'layer'
		},
		{ EPSILON: config.normalization.epsilon }
	);
	return { place, constants, keepsResidual: true, quads: inputFloats(config.hiddenSize) / 4 };
}

interface NormVectors {
	readonly weight: number;
	readonly bias: number;
}

/** Where the norm of the residual lies among the vectors, and that of the update. */
function vectorPlaces(
	config: ModelConfig,
	format: WeightFormat,
	place: NormPlace
): [norm: NormVectors, update: NormVectors] {
	const layer = layerVectors(config, format);
	const outer = outerVectors(config, format);
	switch (place) {
		case 'first':
		case 'attention':
			return [
				{ weight: layer.attentionNorm, bias: layer.attentionNormBias },
				{ weight: layer.previousUpdateNorm, bias: layer.previousUpdateNormBias }
			];
		case 'mlp':
			return [
				{ weight: layer.mlpNorm, bias: layer.mlpNormBias },
				{ weight: layer.attentionUpdateNorm, bias: layer.attentionUpdateNormBias }
			];
		case 'final':
			return [
				{ weight: outer.finalNorm, bias: outer.finalNormBias },
				{ weight: outer.previousUpdateNorm, bias: outer.previousUpdateNormBias }
			];
	}
}
