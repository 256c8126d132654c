/**
 * What the page about weights and its worker say to each other. The worker measures one model at a time and keeps none: what
 * it found is posted whole, or not at all.
 */
import type { ModelSource } from '../generate/protocol';
import type { ModelStatistics } from '../sonify/statistics';
import type { MeasureProgress } from '../sonify/workload';

export type ToWeights =
	/** Opens and measures a model; one that is under way is given up. */
	| { type: 'measure'; source: ModelSource }
	/** Gives up what is under way. */
	| { type: 'cancel' };

export interface MeasuredModel {
	readonly statistics: ModelStatistics;
	readonly family: string;
	/** number of weights */
	readonly parameters: number;
	/** of the weight files */
	readonly bytes: number;
	/** what computed the singular values, in words */
	readonly engine: string;
	/** wall time of measuring; 0 where all was known */
	readonly seconds: number;
	/** it was measured before, and kept by this browser */
	readonly kept: boolean;
}

export type FromWeights =
	| { type: 'progress'; file: string; receivedBytes: number; totalBytes: number }
	| ({ type: 'measuring' } & MeasureProgress)
	| { type: 'measured'; model: MeasuredModel }
	| { type: 'notice'; message: string }
	/** It can't be measured; what was measured before stands. */
	| { type: 'failed'; message: string };
