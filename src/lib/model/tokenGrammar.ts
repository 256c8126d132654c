/**
 * A finite-state grammar over tokens as plain arrays, with ordering registers. It says which tokens may follow; the
 * samplers (TypeScript and WGSL) read the same arrays. It knows no music: `music/grammar.ts` builds the one table in use.
 *
 * A token t of class c is admitted in state s with registers r when `next[s * classCount + c]` is not FORBIDDEN, and
 * `classRegister[c]` is -1 or `tokenOrder[t] > r[classRegister[c]]`, and no register in the bits of `classNeedsRoom[c]`
 * stands at its `registerMax`. Taking it moves to that state, stores `tokenOrder[t]` in its register, then empties
 * (sets to -1) the registers in the bits of `classResets[c]`.
 */

export const FORBIDDEN = 255;

export interface TokenGrammar {
	readonly vocabularySize: number;
	readonly stateCount: number;
	readonly classCount: number;
	readonly registerCount: number;
	/** [vocabulary] */
	readonly tokenClass: Uint8Array;
	/** [vocabulary] the value compared with the register of the token's class */
	readonly tokenOrder: Int16Array;
	/** [states × classes] the following state, or FORBIDDEN */
	readonly next: Uint8Array;
	/** [classes] register that a token of this class must exceed, or -1 */
	readonly classRegister: Int8Array;
	/** [classes] bit set of the registers that become empty */
	readonly classResets: Uint8Array;
	/** [classes] bit set of the registers that must still have room above them */
	readonly classNeedsRoom: Uint8Array;
	/** [registers] the largest order value of each */
	readonly registerMax: Int16Array;
	/** [states] which row of a per-scope bias applies */
	readonly stateScope: Uint8Array;
	readonly scopeCount: number;
	readonly startState: number;
}

/** Where a sequence stands: a state and the registers. */
export interface GrammarState {
	state: number;
	registers: Int16Array;
}

/** The state in which every sequence begins. */
export function initialState(grammar: TokenGrammar): GrammarState {
	return { state: grammar.startState, registers: new Int16Array(grammar.registerCount).fill(-1) };
}

export function copyState(state: GrammarState): GrammarState {
	return { state: state.state, registers: state.registers.slice() };
}

/** Whether `token` may follow. */
export function admits(grammar: TokenGrammar, state: GrammarState, token: number): boolean {
	const tokenClass = grammar.tokenClass[token];
	if (tokenClass === undefined) return false;
	if (grammar.next[state.state * grammar.classCount + tokenClass] === FORBIDDEN) return false;
	const register = grammar.classRegister[tokenClass]!;
	if (register >= 0 && grammar.tokenOrder[token]! <= state.registers[register]!) return false;
	const needsRoom = grammar.classNeedsRoom[tokenClass]!;
	for (let r = 0; r < grammar.registerCount; r++) {
		if ((needsRoom >> r) & 1 && state.registers[r]! >= grammar.registerMax[r]!) return false;
	}
	return true;
}

/** Moves `state` past `token`, in place. Throws a RangeError when the grammar does not admit it. */
export function advance(grammar: TokenGrammar, state: GrammarState, token: number): void {
	if (!admits(grammar, state, token)) {
		throw new RangeError(`The grammar does not admit token ${token} in state ${state.state}.`);
	}
	const tokenClass = grammar.tokenClass[token]!;
	state.state = grammar.next[state.state * grammar.classCount + tokenClass]!;
	const register = grammar.classRegister[tokenClass]!;
	if (register >= 0) state.registers[register] = grammar.tokenOrder[token]!;
	const resets = grammar.classResets[tokenClass]!;
	for (let r = 0; r < grammar.registerCount; r++) if ((resets >> r) & 1) state.registers[r] = -1;
}

/** The tokens that may follow, ascending. */
export function admittedTokens(grammar: TokenGrammar, state: GrammarState): number[] {
	const tokens: number[] = [];
	for (let token = 0; token < grammar.vocabularySize; token++) {
		if (admits(grammar, state, token)) tokens.push(token);
	}
	return tokens;
}
