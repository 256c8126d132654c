/** A grammar's tables as the integers that grammar.wgsl reads, and the sequence's state that kernels hand on. */
import { LARGEST_REGISTER_COUNT } from '../sampling';
import type { GrammarState, TokenGrammar } from '../tokenGrammar';

/**
 * A header of two counts and the beginning of each table, then the tables, in the order grammar.wgsl names them. The last one
 * holds the bits of `stateTemperature` [states], by which the temperature is multiplied.
 */
export function packGrammar(
	grammar: TokenGrammar,
	stateTemperature: Float32Array = new Float32Array(grammar.stateCount).fill(1)
): Int32Array<ArrayBuffer> {
	const tables = [
		grammar.tokenClass,
		grammar.tokenOrder,
		grammar.next,
		grammar.classRegister,
		grammar.classResets,
		grammar.classNeedsRoom,
		grammar.registerMax,
		grammar.stateScope,
		new Int32Array(stateTemperature.slice().buffer)
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

/** Words of the struct Sequence of step.wgsl in front of `last_seen`: token, normaliser, state, registers. */
export const SEQUENCE_HEADER_WORDS = 3 + LARGEST_REGISTER_COUNT;

/** Words of the struct Sequence. */
export function sequenceWords(vocabularySize: number): number {
	return SEQUENCE_HEADER_WORDS + vocabularySize;
}

/** The head of the sequence as the first step of a submit finds it. `state` is absent when tokens are given, not sampled. */
export function packSequence(token: number, state?: GrammarState): Int32Array<ArrayBuffer> {
	const packed = new Int32Array(SEQUENCE_HEADER_WORDS);
	packed[0] = token;
	packed[2] = state?.state ?? 0;
	packed.set(state?.registers ?? [], 3);
	return packed;
}

/**
 * `last_seen`: for each token its latest position + 1, or 0 where it does not occur among `recent`, the latest tokens of a
 * sequence of `length`, the latest first.
 */
export function packLastSeen(
	vocabularySize: number,
	length: number,
	recent: Iterable<number>
): Uint32Array<ArrayBuffer> {
	const packed = new Uint32Array(vocabularySize);
	let next = length;
	for (const token of recent) {
		packed[token] ||= next;
		next--;
	}
	return packed;
}
