/** A grammar's tables as the integers that sample.wgsl reads, and the sequence's state that kernels hand on. */
import { LARGEST_REGISTER_COUNT } from '../sampling';
import type { GrammarState, TokenGrammar } from '../tokenGrammar';

/** A header of two counts and the beginning of each table, then the tables, in the order sample.wgsl names them. */
export function packGrammar(grammar: TokenGrammar): Int32Array<ArrayBuffer> {
	const tables = [
		grammar.tokenClass,
		grammar.tokenOrder,
		grammar.next,
		grammar.classRegister,
		grammar.classResets,
		grammar.classNeedsRoom,
		grammar.registerMax,
		grammar.stateScope
	];
	const header = 2 + tables.length;
	const packed = new Int32Array(tables.reduce((size, { length }) => size + length, header));
	packed[0] = grammar.classCount;
	packed[1] = grammar.registerCount;
	let begin = header;
	tables.forEach((table, i) => {
		packed[2 + i] = begin;
		packed.set(table, begin);
		begin += table.length;
	});
	return packed;
}

/** Words of the struct Sequence of step.wgsl: token, normaliser, state, registers. */
export const SEQUENCE_WORDS = 3 + LARGEST_REGISTER_COUNT;

/** The sequence as the first step of a submit finds it. `state` is absent when tokens are given, not sampled. */
export function packSequence(token: number, state?: GrammarState): Int32Array<ArrayBuffer> {
	const packed = new Int32Array(SEQUENCE_WORDS);
	packed[0] = token;
	packed[2] = state?.state ?? 0;
	packed.set(state?.registers ?? [], 3);
	return packed;
}
