/** Arbitrary bars and token sequences of the music language, for its property tests. */
import fc from 'fast-check';
import type { Bar, Part } from '../../../src/lib/music/bars';
import { GRAMMAR } from '../../../src/lib/music/grammar';
import {
	DRUM_PIECES,
	DURATIONS,
	FAMILY_RANGES,
	HIT_LEVELS,
	PITCH_MAX,
	PITCH_MIN,
	STEPS_PER_BAR,
	TRACKS,
	VELOCITY_LEVELS,
	tokenOf,
	type Track
} from '../../../src/lib/music/vocabulary';
import { admits, admittedTokens, advance, initialState } from '../../../src/lib/model/tokenGrammar';

const below = (size: number) => fc.nat({ max: size - 1 });

const controls = fc.record({
	style: below(FAMILY_RANGES.STYLE.size),
	section: below(FAMILY_RANGES.SECTION.size),
	energy: below(FAMILY_RANGES.ENERGY.size),
	tempo: below(FAMILY_RANGES.TEMPO.size),
	key: below(FAMILY_RANGES.KEY.size),
	mode: below(FAMILY_RANGES.MODE.size)
});

const hits = fc
	.uniqueArray(
		fc.record({
			position: below(STEPS_PER_BAR),
			piece: below(DRUM_PIECES.length),
			level: below(HIT_LEVELS.length)
		}),
		{ minLength: 1, maxLength: 24, size: 'max', selector: (hit) => hit.position * 100 + hit.piece }
	)
	.map((list) => list.sort((a, b) => a.position - b.position || a.piece - b.piece));

const notes = (track: Track) =>
	fc
		.uniqueArray(
			fc.record({
				position: below(STEPS_PER_BAR),
				pitch: fc.integer({ min: PITCH_MIN, max: PITCH_MAX }),
				velocity: below(VELOCITY_LEVELS.length),
				duration: below(DURATIONS.length),
				slide: track === 'bass' ? fc.boolean() : fc.constant(false)
			}),
			{
				minLength: 1,
				maxLength: 16,
				size: 'max',
				selector: (note) => note.position * 200 + note.pitch
			}
		)
		.map((list) => list.sort((a, b) => a.position - b.position || a.pitch - b.pitch));

function part(track: Track): fc.Arbitrary<Part | null> {
	const density = fc.integer({ min: 1, max: FAMILY_RANGES.DENSITY.size - 1 });
	const sounding: fc.Arbitrary<Part> =
		track === 'drums'
			? fc.record({
					track: fc.constant(track),
					density,
					hits,
					notes: fc.constant([])
				})
			: fc.record({
					track: fc.constant(track),
					density,
					hits: fc.constant([]),
					notes: notes(track)
				});
	const silent = fc.constant<Part>({ track, density: 0, hits: [], notes: [] });
	return fc.oneof(
		{ weight: 3, arbitrary: sounding },
		{ weight: 1, arbitrary: silent },
		{ weight: 1, arbitrary: fc.constant(null) }
	);
}

/** Any bar of notes on the grid: each track sounding, silent or left out. */
export const anyBar: fc.Arbitrary<Bar> = fc
	.tuple(controls, fc.tuple(...TRACKS.map(part)))
	.map(([chosen, parts]) => ({
		controls: chosen,
		parts: parts.filter((one): one is Part => one !== null)
	}));

/** Where a walk through the grammar turns: kind of token, then which of that kind. */
const turn = fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 999 }));

/** Any sequence that the grammar admits and that ends with a whole bar: a walk, not an encoding, so it need not be canonical. */
export const anySequence: fc.Arbitrary<number[]> = fc
	.array(turn, { minLength: 8, maxLength: 250, size: 'max' })
	.map((turns) => {
		const state = initialState(GRAMMAR);
		const tokens: number[] = [];
		const take = (token: number) => {
			advance(GRAMMAR, state, token);
			tokens.push(token);
		};
		for (const [kind, which] of turns) {
			const admitted = admittedTokens(GRAMMAR, state);
			const kinds = [...new Set(admitted.map((token) => GRAMMAR.tokenClass[token]!))];
			const ofKind = admitted.filter(
				(token) => GRAMMAR.tokenClass[token] === kinds[kind % kinds.length]
			);
			take(ofKind[which % ofKind.length]!);
		}
		while (!admits(GRAMMAR, state, tokenOf('BAR'))) {
			const admitted = admittedTokens(GRAMMAR, state);
			take(admitted[0]!);
		}
		return tokens;
	});
