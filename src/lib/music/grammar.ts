/**
 * The grammar of the music language as one table, state × token class → state, used three times: as the sampling
 * mask (here and on the GPU), as the parser, and as the generator of property tests.
 *
 *     bar    := BAR STYLE SECTION ENERGY TEMPO KEY MODE part*
 *     part   := TRACK DENSITY_0 | TRACK DENSITY_1..7 group+
 *     group  := POS HIT+                                  (drums)
 *             | POS (VEL? DUR? PITCH SLIDE?)+             (bass)
 *             | POS (VEL? DUR? PITCH)+                    (the others)
 *
 * Order is part of the language: tracks rise inside a bar, POS inside a part, HIT (by piece) and PITCH inside a group.
 * Three registers hold the last value of each; a token is admitted only if it exceeds its register.
 */
import { FORBIDDEN, type TokenGrammar } from '../model/tokenGrammar';
import {
	FAMILY_RANGES,
	HIT_LEVELS,
	TRACKS,
	VOCABULARY_SIZE,
	familyOf,
	type Family
} from './vocabulary';

/** Registers: the last track of the bar, position of the part, pitch (or kit piece) of the group; -1 when empty. */
export const REGISTER = { track: 0, position: 1, pitch: 2 } as const;
export const REGISTER_COUNT = 3;

const HEAD_FAMILIES = ['STYLE', 'SECTION', 'ENERGY', 'TEMPO', 'KEY', 'MODE'] as const;

const CLASS_NAMES = [
	'BAR',
	...HEAD_FAMILIES,
	...TRACKS.map((track) => `TRACK_${track}` as const),
	'SILENT',
	'DENSITY',
	'POS',
	'HIT',
	'VEL',
	'DUR',
	'PITCH',
	'SLIDE'
] as const;
type ClassName = (typeof CLASS_NAMES)[number];
const CLASS_INDEX = Object.fromEntries(CLASS_NAMES.map((name, i) => [name, i])) as Record<
	ClassName,
	number
>;

/** Names of the states, for tests and error messages. */
export const STATE_NAMES: readonly string[] = [
	'start',
	...HEAD_FAMILIES.map((family) => `expects ${family}`),
	'bar body',
	...TRACKS.flatMap((track) => [
		`${track}: expects density`,
		`${track}: expects position`,
		...(track === 'drums'
			? ['drums: expects hit', 'drums: after hit']
			: [
					`${track}: expects note`,
					`${track}: after velocity`,
					`${track}: after duration`,
					`${track}: after pitch`
				]),
		...(track === 'bass' ? ['bass: after slide'] : [])
	])
];
const STATE_INDEX = new Map(STATE_NAMES.map((name, i) => [name, i]));

function stateNamed(name: string): number {
	const index = STATE_INDEX.get(name);
	if (index === undefined) throw new Error(`The grammar has no state "${name}".`);
	return index;
}

/** The one grammar of the application. */
export const GRAMMAR: TokenGrammar = buildGrammar();

function buildGrammar(): TokenGrammar {
	const classCount = CLASS_NAMES.length;
	const stateCount = STATE_NAMES.length;
	const tokenClass = new Uint8Array(VOCABULARY_SIZE);
	const tokenOrder = new Int16Array(VOCABULARY_SIZE);
	for (let token = 0; token < VOCABULARY_SIZE; token++) {
		const { family, value } = familyOf(token);
		tokenClass[token] = CLASS_INDEX[classOf(family, value)];
		tokenOrder[token] = family === 'HIT' ? Math.floor(value / HIT_LEVELS.length) : value;
	}

	const next = new Uint8Array(stateCount * classCount).fill(FORBIDDEN);
	const allow = (from: string, by: ClassName, to: string) => {
		next[stateNamed(from) * classCount + CLASS_INDEX[by]] = stateNamed(to);
	};
	const head = HEAD_FAMILIES.map((family) => `expects ${family}`);
	allow('start', 'BAR', head[0]!);
	HEAD_FAMILIES.forEach((family, i) => allow(head[i]!, family, head[i + 1] ?? 'bar body'));

	/** Where a part may end: the next track or the next bar follows. */
	const mayEnd = (state: string) => {
		allow(state, 'BAR', head[0]!);
		for (const track of TRACKS) allow(state, `TRACK_${track}`, `${track}: expects density`);
	};
	mayEnd('bar body');
	for (const track of TRACKS) {
		const density = `${track}: expects density`;
		const position = `${track}: expects position`;
		allow(density, 'SILENT', 'bar body');
		allow(density, 'DENSITY', position);
		if (track === 'drums') {
			allow(position, 'POS', 'drums: expects hit');
			allow('drums: expects hit', 'HIT', 'drums: after hit');
			allow('drums: after hit', 'HIT', 'drums: after hit');
			allow('drums: after hit', 'POS', 'drums: expects hit');
			mayEnd('drums: after hit');
			continue;
		}
		const [note, velocity, duration, pitch] = [
			`${track}: expects note`,
			`${track}: after velocity`,
			`${track}: after duration`,
			`${track}: after pitch`
		] as const;
		allow(position, 'POS', note);
		const written = track === 'bass' ? [note, pitch, 'bass: after slide'] : [note, pitch];
		for (const from of written) {
			allow(from, 'VEL', velocity);
			allow(from, 'DUR', duration);
			allow(from, 'PITCH', pitch);
			if (from === note) continue;
			allow(from, 'POS', note);
			mayEnd(from);
		}
		allow(velocity, 'DUR', duration);
		allow(velocity, 'PITCH', pitch);
		allow(duration, 'PITCH', pitch);
		if (track === 'bass') allow(pitch, 'SLIDE', 'bass: after slide');
	}

	const classRegister = new Int8Array(classCount).fill(-1);
	const classResets = new Uint8Array(classCount);
	const classNeedsRoom = new Uint8Array(classCount);
	for (const track of TRACKS) {
		classRegister[CLASS_INDEX[`TRACK_${track}`]] = REGISTER.track;
		classResets[CLASS_INDEX[`TRACK_${track}`]] = (1 << REGISTER.position) | (1 << REGISTER.pitch);
	}
	classResets[CLASS_INDEX.BAR] = 0b111;
	classRegister[CLASS_INDEX.POS] = REGISTER.position;
	classResets[CLASS_INDEX.POS] = 1 << REGISTER.pitch;
	classRegister[CLASS_INDEX.HIT] = REGISTER.pitch;
	classRegister[CLASS_INDEX.PITCH] = REGISTER.pitch;
	classNeedsRoom[CLASS_INDEX.VEL] = 1 << REGISTER.pitch;
	classNeedsRoom[CLASS_INDEX.DUR] = 1 << REGISTER.pitch;

	const stateScope = Uint8Array.from(
		STATE_NAMES,
		(name) => 1 + TRACKS.findIndex((track) => name.startsWith(`${track}:`))
	);
	return {
		vocabularySize: VOCABULARY_SIZE,
		stateCount,
		classCount,
		registerCount: REGISTER_COUNT,
		tokenClass,
		tokenOrder,
		next,
		classRegister,
		classResets,
		classNeedsRoom,
		registerMax: Int16Array.of(
			TRACKS.length - 1,
			FAMILY_RANGES.POS.size - 1,
			FAMILY_RANGES.PITCH.size - 1
		),
		stateScope,
		scopeCount: TRACKS.length + 1,
		startState: stateNamed('start')
	};
}

function classOf(family: Family, value: number): ClassName {
	if (family === 'TRACK') return `TRACK_${TRACKS[value]!}`;
	if (family === 'DENSITY') return value === 0 ? 'SILENT' : 'DENSITY';
	return family;
}
