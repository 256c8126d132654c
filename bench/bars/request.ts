/** What is asked of the page of the bars benchmark, and what comes back. */

/** `wasm` takes as many threads as the instrument would choose. */
export const ENGINE_NAMES = ['wasm', 'wasm-1', 'wasm-2', 'typescript'] as const;
export type BarsEngine = (typeof ENGINE_NAMES)[number];

export interface EngineRequest {
	readonly engine: BarsEngine;
	/** the folder holds a config.json alone: weights are random, of that shape */
	readonly random: boolean;
}

export interface EngineAnswer {
	/** as the engine calls itself */
	readonly device: string;
	readonly parameters: number;
	/** tokens that the model looks back */
	readonly window: number;
}

export interface BarsRequest {
	/** to write; fewer where the budget ends before */
	readonly bars: number;
	readonly budgetSeconds: number;
}

export interface BarsAnswer {
	/** of each written bar */
	readonly tokens: readonly number[];
	/** wall time of all the bars */
	readonly milliseconds: number;
}
