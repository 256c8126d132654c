import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	admits,
	admittedTokens,
	advance,
	copyState,
	initialState,
	type GrammarState
} from '../../../src/lib/model/tokenGrammar';
import { GRAMMAR, STATE_NAMES } from '../../../src/lib/music/grammar';
import { TRACKS, VOCABULARY_SIZE, familyOf, tokenOf } from '../../../src/lib/music/vocabulary';
import { anySequence } from './anyMusic';

const BAR = tokenOf('BAR');
const GUEST = tokenOf('TRACK', TRACKS.indexOf('guest'));

function after(state: GrammarState, token: number): GrammarState {
	const next = copyState(state);
	advance(GRAMMAR, next, token);
	return next;
}

/**
 * Every situation that differs in what may follow. Registers are only compared and tested for being full, so the two
 * lowest and the two highest values of each family stand for all.
 */
function reachable(): GrammarState[] {
	const orders = new Map<number, number[]>();
	for (let token = 0; token < VOCABULARY_SIZE; token++) {
		const list = orders.get(GRAMMAR.tokenClass[token]!) ?? [];
		list.push(GRAMMAR.tokenOrder[token]!);
		orders.set(GRAMMAR.tokenClass[token]!, list);
	}
	const telling = (token: number) => {
		const all = [...new Set(orders.get(GRAMMAR.tokenClass[token]!)!)].sort((a, b) => a - b);
		return [...all.slice(0, 2), ...all.slice(-2)].includes(GRAMMAR.tokenOrder[token]!);
	};
	const seen = new Map<string, GrammarState>();
	const waiting = [initialState(GRAMMAR)];
	for (let state = waiting.pop(); state; state = waiting.pop()) {
		const key = `${state.state}:${state.registers.join()}`;
		if (seen.has(key)) continue;
		seen.set(key, state);
		for (const token of admittedTokens(GRAMMAR, state)) {
			if (telling(token)) waiting.push(after(state, token));
		}
	}
	return [...seen.values()];
}

const situations = reachable();
const nameOf = (state: GrammarState) => `${STATE_NAMES[state.state]} [${state.registers.join()}]`;

describe('the grammar', () => {
	it('reaches every state', () => {
		const reached = new Set(situations.map(({ state }) => STATE_NAMES[state]));
		expect([...reached].sort()).toEqual([...STATE_NAMES].sort());
	});

	it('never dead-ends: something other than the guest may always follow', () => {
		const dead = situations.filter(
			(state) => !admittedTokens(GRAMMAR, state).some((token) => token !== GUEST)
		);
		expect(dead.map(nameOf)).toEqual([]);
	});

	it('lets every bar end within seven tokens, without the guest', () => {
		const canEnd = (state: GrammarState, tokensLeft: number): boolean =>
			admits(GRAMMAR, state, BAR) ||
			(tokensLeft > 0 &&
				admittedTokens(GRAMMAR, state)
					.filter((token, i, all) => {
						const tokenClass = GRAMMAR.tokenClass[token];
						return token !== GUEST && GRAMMAR.tokenClass[all[i - 1] ?? -1] !== tokenClass;
					})
					.some((token) => canEnd(after(state, token), tokensLeft - 1)));
		expect(situations.filter((state) => !canEnd(state, 7)).map(nameOf)).toEqual([]);
	});

	it('begins with a bar and nothing else', () => {
		expect(admittedTokens(GRAMMAR, initialState(GRAMMAR))).toEqual([BAR]);
	});

	it('keeps order: tracks rise in a bar, positions in a part, pitches and kit pieces in a group', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				let track = -1;
				let position = -1;
				let pitch = -1;
				for (const token of tokens) {
					const { family, value } = familyOf(token);
					if (family === 'BAR') track = -1;
					if (family === 'TRACK') {
						expect(value).toBeGreaterThan(track);
						[track, position] = [value, -1];
					}
					if (family === 'POS') {
						expect(value).toBeGreaterThan(position);
						[position, pitch] = [value, -1];
					}
					if (family === 'HIT' || family === 'PITCH') {
						const order = family === 'HIT' ? Math.floor(value / 4) : value;
						expect(order).toBeGreaterThan(pitch);
						pitch = order;
					}
				}
			})
		);
	});

	it('writes hits in drums alone, slides in the bass alone', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				let track = '';
				for (const token of tokens) {
					const { family, value } = familyOf(token);
					if (family === 'TRACK') track = TRACKS[value]!;
					if (family === 'HIT') expect(track).toBe('drums');
					if (family === 'PITCH') expect(track).not.toBe('drums');
					if (family === 'SLIDE') expect(track).toBe('bass');
				}
			})
		);
	});

	it('repeats all six controls in every bar, in order', () => {
		fc.assert(
			fc.property(anySequence, (tokens) => {
				tokens.forEach((token, offset) => {
					if (token !== BAR) return;
					const head = tokens.slice(offset, offset + 7).map((one) => familyOf(one).family);
					expect(head).toEqual(['BAR', 'STYLE', 'SECTION', 'ENERGY', 'TEMPO', 'KEY', 'MODE']);
				});
			})
		);
	});

	it('knows in each state which track it is in', () => {
		STATE_NAMES.forEach((name, state) => {
			const track = TRACKS.findIndex((one) => name.startsWith(`${one}:`));
			expect(GRAMMAR.stateScope[state]).toBe(track + 1);
		});
		expect(GRAMMAR.scopeCount).toBe(TRACKS.length + 1);
	});

	it('takes no token that it does not admit', () => {
		const state = initialState(GRAMMAR);
		expect(() => advance(GRAMMAR, state, BAR + 1)).toThrow(RangeError);
		expect(state).toEqual(initialState(GRAMMAR));
	});
});
