/**
 * Bars and tokens: a bar of notes on the grid becomes tokens and back without loss. Pure; the grammar is the parser.
 */
import { admits, advance, initialState } from '../model/tokenGrammar';
import { GRAMMAR } from './grammar';
import {
	DURATIONS,
	FAMILY_RANGES,
	HIT_LEVELS,
	PART_DEFAULTS,
	PITCH_MIN,
	TOKEN_NAMES,
	TRACKS,
	familyOf,
	hitToken,
	pitchToken,
	tokenOf,
	type Track
} from './vocabulary';

/** The controls that open a bar, as value indices of their families. */
export interface BarControls {
	style: number;
	section: number;
	energy: number;
	tempo: number;
	key: number;
	mode: number;
}

/** A drum hit: step 0-47, kit piece index, level 0-3. */
export interface GridHit {
	position: number;
	piece: number;
	level: number;
}

/** A pitched note: step 0-47, MIDI pitch 21-108, velocity level 0-7, duration index, and the slide flag of the bass. */
export interface GridNote {
	position: number;
	pitch: number;
	velocity: number;
	duration: number;
	slide: boolean;
}

/** One track's part of a bar. Hits are for drums, notes for the others; both sorted by position, then piece or pitch. */
export interface Part {
	track: Track;
	/** 0-7; 0 exactly when the part is silent */
	density: number;
	hits: GridHit[];
	notes: GridNote[];
}

export interface Bar {
	controls: BarControls;
	/** Ascending in the order of TRACKS; a track may be left out. */
	parts: Part[];
}

/** Which tokens of a sequence wrote a note, as offsets from its start, both inclusive. */
export interface TokenSpan {
	first: number;
	last: number;
}

/** A bar as parsed, with the tokens that wrote it: `spans[part][event]` beside `bar.parts[part]`. */
export interface ParsedBar {
	bar: Bar;
	span: TokenSpan;
	spans: TokenSpan[][];
}

/** A sequence that the grammar does not admit: which token, where, and what could have stood there. */
export class MusicLanguageError extends Error {
	override readonly name = 'MusicLanguageError';
	constructor(
		message: string,
		readonly offset: number
	) {
		super(message);
	}
}

const CONTROL_FAMILIES = [
	['style', 'STYLE'],
	['section', 'SECTION'],
	['energy', 'ENERGY'],
	['tempo', 'TEMPO'],
	['key', 'KEY'],
	['mode', 'MODE']
] as const;

/** The seven tokens that open a bar. */
export function encodeControls(controls: BarControls): number[] {
	return [
		tokenOf('BAR'),
		...CONTROL_FAMILIES.map(([name, family]) => tokenOf(family, controls[name]))
	];
}

/** One part as tokens, in the canonical (shortest) spelling. Throws a RangeError when a value is not on the grid. */
export function encodePart(part: Part): number[] {
	const tokens = [tokenOf('TRACK', TRACKS.indexOf(part.track)), tokenOf('DENSITY', part.density)];
	let position = -1;
	const moveTo = (next: number) => {
		if (next !== position) tokens.push(tokenOf('POS', next));
		position = next;
	};
	if (part.track === 'drums') {
		for (const hit of part.hits) {
			moveTo(hit.position);
			tokens.push(hitToken(hit.piece, hit.level));
		}
		return tokens;
	}
	let velocity: number = PART_DEFAULTS.velocity;
	let duration: number = PART_DEFAULTS.duration;
	for (const note of part.notes) {
		moveTo(note.position);
		if (note.velocity !== velocity) tokens.push(tokenOf('VEL', (velocity = note.velocity)));
		if (note.duration !== duration) tokens.push(tokenOf('DUR', (duration = note.duration)));
		tokens.push(pitchToken(note.pitch));
		if (note.slide) tokens.push(tokenOf('SLIDE'));
	}
	return tokens;
}

/**
 * A bar as tokens. Throws a RangeError when a value is not on the grid, and a MusicLanguageError when the bar is out of
 * order, sounds where density is 0, or is silent where it is not.
 */
export function encodeBar(bar: Bar): number[] {
	const tokens = [...encodeControls(bar.controls), ...bar.parts.flatMap(encodePart)];
	const state = initialState(GRAMMAR);
	tokens.forEach((token, offset) => {
		if (!admits(GRAMMAR, state, token)) throw unexpected(tokens, offset);
		advance(GRAMMAR, state, token);
	});
	if (!admits(GRAMMAR, state, tokenOf('BAR'))) {
		throw new MusicLanguageError('A part with density above 0 has no notes.', tokens.length);
	}
	return tokens;
}

/** What a bar's tokens sound like: the same for bars that play the same notes under whatever controls and densities. */
export function musicText(tokens: readonly number[]): string {
	const [parsed] = parseBars(tokens);
	const sounding = parsed?.bar.parts.filter(({ hits, notes }) => hits.length + notes.length > 0);
	return JSON.stringify(sounding?.map(({ track, hits, notes }) => [track, hits, notes]));
}

/**
 * Parses whole bars. A last bar that is cut short is returned as far as it goes. Throws a MusicLanguageError at the
 * first token that the grammar does not admit.
 */
export function parseBars(tokens: readonly number[]): ParsedBar[] {
	const bars: ParsedBar[] = [];
	const state = initialState(GRAMMAR);
	let groupStart = -1;
	let position = 0;
	let velocity = 0;
	let duration = 0;
	for (let offset = 0; offset < tokens.length; offset++) {
		const token = tokens[offset]!;
		if (!(token >= 0 && token < GRAMMAR.vocabularySize) || !admits(GRAMMAR, state, token)) {
			throw unexpected(tokens, offset);
		}
		advance(GRAMMAR, state, token);
		const { family, value } = familyOf(token);
		const current = bars[bars.length - 1];
		const part = current?.bar.parts[current.bar.parts.length - 1];
		const spans = current?.spans[current.spans.length - 1];
		if (current && family !== 'BAR') current.span.last = offset;
		switch (family) {
			case 'BAR':
				bars.push({
					bar: {
						controls: { style: 0, section: 0, energy: 0, tempo: 0, key: 0, mode: 0 },
						parts: []
					},
					span: { first: offset, last: offset },
					spans: []
				});
				break;
			case 'STYLE':
			case 'SECTION':
			case 'ENERGY':
			case 'TEMPO':
			case 'KEY':
			case 'MODE': {
				const name = CONTROL_FAMILIES.find(([, f]) => f === family)![0];
				current!.bar.controls[name] = value;
				break;
			}
			case 'TRACK':
				current!.bar.parts.push({ track: TRACKS[value]!, density: 0, hits: [], notes: [] });
				current!.spans.push([]);
				velocity = PART_DEFAULTS.velocity;
				duration = PART_DEFAULTS.duration;
				break;
			case 'DENSITY':
				part!.density = value;
				break;
			case 'POS':
				position = value;
				groupStart = offset;
				break;
			case 'HIT':
				part!.hits.push({
					position,
					piece: Math.floor(value / HIT_LEVELS.length),
					level: value % HIT_LEVELS.length
				});
				spans!.push({ first: groupStart, last: offset });
				groupStart = offset + 1;
				break;
			case 'VEL':
				velocity = value;
				break;
			case 'DUR':
				duration = value;
				break;
			case 'PITCH':
				part!.notes.push({
					position,
					pitch: PITCH_MIN + value,
					velocity,
					duration,
					slide: false
				});
				spans!.push({ first: groupStart, last: offset });
				groupStart = offset + 1;
				break;
			case 'SLIDE':
				part!.notes[part!.notes.length - 1]!.slide = true;
				spans![spans!.length - 1]!.last = offset;
				groupStart = offset + 1;
				break;
		}
	}
	return bars;
}

/** The duration index whose length is nearest to `steps`; ties go to the shorter. */
export function durationIndex(steps: number): number {
	let best = 0;
	for (let i = 1; i < FAMILY_RANGES.DUR.size; i++) {
		if (Math.abs(DURATIONS[i]! - steps) < Math.abs(DURATIONS[best]! - steps)) best = i;
	}
	return best;
}

function unexpected(tokens: readonly number[], offset: number): MusicLanguageError {
	const name = TOKEN_NAMES[tokens[offset]!] ?? `token ${tokens[offset]}`;
	const before = tokens
		.slice(Math.max(0, offset - 3), offset)
		.map((token) => TOKEN_NAMES[token])
		.join(' ');
	return new MusicLanguageError(
		`${name} at token ${offset} cannot follow ${before || 'the start'} in the music language.`,
		offset
	);
}
