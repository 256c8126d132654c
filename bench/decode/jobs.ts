/** What main asks of a page or a process, and what comes back. */
import type { CellPlan, CellResult } from './cell';
import type { SizeName } from './sizes';

export interface CellRequest extends CellPlan {
	readonly engine: string;
	readonly size: SizeName;
}

/** The adapter in words, and what it can stream. */
export interface AdapterReport {
	readonly name: string;
	readonly software: boolean;
	/** bytes per second */
	readonly bandwidth: number;
}

/** Work for a Node process of its own. */
export type NodeJob =
	/** computes the truth of a model into a file */
	| { kind: 'truth'; size: SizeName; promptLength: number; tokens: number; file: string }
	| { kind: 'adapter' }
	/** `truth` is such a file */
	| { kind: 'cell'; request: CellRequest; truth: string };

/** What a process sends back before it ends. */
export type NodeAnswer =
	| { kind: 'truth' }
	| { kind: 'adapter'; report: AdapterReport }
	| { kind: 'cell'; result: CellResult }
	| { kind: 'failure'; message: string };
