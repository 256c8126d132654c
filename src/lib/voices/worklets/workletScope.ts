/**
 * What an AudioWorkletGlobalScope offers, typed. TypeScript's DOM library leaves these globals out, and declaring them
 * for the whole application would make `sampleRate` a global everywhere; so worklet files read them from here.
 */
export interface WorkletProcessor {
	readonly port: MessagePort;
	/** Fills `outputs` with the next block; returning false lets the browser retire the node. */
	process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

interface WorkletScope {
	readonly sampleRate: number;
	/** index of the first sample of the block that is being rendered */
	readonly currentFrame: number;
	readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
	registerProcessor(name: string, processor: new () => WorkletProcessor): void;
}

export const workletScope = globalThis as unknown as WorkletScope;
