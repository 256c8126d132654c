/**
 * Looking into a decoder while it writes: attention, queries, keys and residuals of its latest tokens, read on demand.
 * Questions are answered from rings that the forward pass fills as it goes, so that asking does not hold up writing.
 *
 * Positions count from the start of the sequence. A position has been run when the token after it was chosen: the
 * positions 0 .. length - 2.
 */

/** Positions whose residuals are kept. Queries and keys are kept as long as the cache of their layer. */
export const RESIDUAL_POSITIONS = 256;

/** The attention of one head for every query of the window. */
export interface AttentionMatrix {
	/** position of the first query and the first key */
	readonly first: number;
	/** queries, and keys */
	readonly count: number;
	/**
	 * [queries × keys], zero above the diagonal. A row is what softmax gave over all keys that the query saw, so it sums
	 * to 1 where they all lie inside the window.
	 */
	readonly weights: Float32Array<ArrayBuffer>;
}

/** How one query met the keys it saw. */
export interface QueryKeyProducts {
	/** position of the first key */
	readonly first: number;
	readonly count: number;
	/** [headSize], after norm and rotation */
	readonly query: Float32Array<ArrayBuffer>;
	/** [keys × headSize], after norm and rotation */
	readonly keys: Float32Array<ArrayBuffer>;
	/** [keys] attentionScale × query · key: the scores before softmax */
	readonly products: Float32Array<ArrayBuffer>;
	/** [keys] the attention weights, which sum to 1 */
	readonly weights: Float32Array<ArrayBuffer>;
}

/**
 * All methods throw a RangeError for a layer, head or position that is not there, or no longer; a DeviceLostError when the
 * GPU went away.
 */
export interface Inspector {
	/** Of query head `head`, over the layer's window that ends at the last position that has been run. */
	attention(layer: number, head: number): Promise<AttentionMatrix>;
	/** Of the query at `position`, whose visible keys must all still be in the cache. */
	products(layer: number, head: number, position: number): Promise<QueryKeyProducts>;
	/**
	 * The residual stream [hiddenSize] at `position`, behind layer `layer`; layer 0 is the embedding, so there is one
	 * more than the model has layers. Only the latest RESIDUAL_POSITIONS are kept.
	 */
	residual(layer: number, position: number): Promise<Float32Array<ArrayBuffer>>;
	/** The same of `count` positions from `first` on, [count × hiddenSize], in one read-back; `count` is 1 at least. */
	residuals(layer: number, first: number, count: number): Promise<Float32Array<ArrayBuffer>>;
}
