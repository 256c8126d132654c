/**
 * From a person's controls to a bias on the next token: controls are requests that the sampler can't refuse. The bias
 * has a row for the head of the bar and one for each track, so density can differ by track.
 */
import type { Part } from '../music/bars';
import { GRAMMAR, STATE_NAMES } from '../music/grammar';
import { inScale } from '../music/scales';
import {
	FAMILY_RANGES,
	PITCH_MAX,
	PITCH_MIN,
	SECTIONS,
	TRACKS,
	VOCABULARY_SIZE,
	pitchToken,
	tempoBin,
	tokenOf,
	type Family,
	type Track
} from '../music/vocabulary';
import type { GenerationControls } from './protocol';

/** Added to a logit: large enough to exclude a token, finite so that a grammar is never left without a choice. */
const EXCLUDED = -1e4;

/** A set goes on until somebody ends it: the model may not choose this by itself. */
const OUTRO = SECTIONS.indexOf('outro');

/** What a bar that is written once more has to do: `track` may not say the token `without`. */
export interface Demand {
	readonly track: Track;
	readonly without: number;
}

/** What is known of a bar when its bias is made, beside the controls. */
export interface BarSituation {
	/** tracks that are helped to come back where the model may choose their density */
	readonly resting?: readonly Track[];
	readonly demands?: readonly Demand[];
	/** whether the bar answers a new style or section */
	readonly answers?: boolean;
}

/** The bias for `controls`, [scopes × vocabulary]; scope 0 is the bar's head, scope 1 + t the part of track t. */
export function controlBias(
	controls: GenerationControls,
	{ resting = [], demands = [], answers = false }: BarSituation = {}
): Float32Array {
	const bias = new Float32Array(GRAMMAR.scopeCount * VOCABULARY_SIZE);
	for (let scope = 0; scope < GRAMMAR.scopeCount; scope++) {
		keepOnly(bias, scope, 'STYLE', controls.style);
		if (controls.section === null) exclude(bias, scope, 'SECTION', OUTRO);
		else keepOnly(bias, scope, 'SECTION', controls.section);
		keepOnly(bias, scope, 'ENERGY', controls.energy);
		keepOnly(bias, scope, 'TEMPO', tempoBin(controls.tempo));
		keepOnly(bias, scope, 'KEY', controls.key);
		keepOnly(bias, scope, 'MODE', controls.mode);
		exclude(bias, scope, 'TRACK', TRACKS.indexOf('guest'));
	}
	TRACKS.forEach((track, index) => {
		const density = controls.density[track] ?? null;
		keepOnly(bias, 1 + index, 'DENSITY', density);
		if (density !== null) return;
		const silence = (1 + index) * VOCABULARY_SIZE + tokenOf('DENSITY', 0);
		if (resting.includes(track)) bias[silence]! -= SILENCE_PENALTY;
		if (answers) bias[silence]! -= ANSWERING_SILENCE[track] ?? 0;
	});
	for (const { track, without } of demands) {
		bias[(1 + TRACKS.indexOf(track)) * VOCABULARY_SIZE + without] = EXCLUDED;
	}
	return bias;
}

/** Tracks that come back by themselves when they have been silent for long. */
const CORE_TRACKS: readonly Track[] = ['drums', 'bass', 'chords'];

/** Bars of silence after which a core track is helped to come back: a break's whole phrase may pass without it. */
export const RESTING_BARS = 8;

/**
 * The least probability of a token, as a share of the likeliest one's (min-p, Nguyen et al. 2024). Top-p cuts the many good
 * pitches before the few bad beginnings: this takes the slips out of a steady rhythm and leaves the melody its choice.
 */
export const MIN_P = 0.025;

/** By what the temperature is multiplied where the model chooses which track sounds, and how dense it is. */
const FORM_TEMPERATURE = 0.8;

/** And where it writes drums: a groove is told by what it leaves out. */
const DRUM_TEMPERATURE = 0.9;

/** And where it chooses the first pitch at a position, with its velocity and length. */
const PITCH_TEMPERATURE = 1.12;

/** Bars that answer a new style, section, key or mode, the one that brings it included: a phrase. */
export const ANSWERING_BARS = 8;

/** By what the temperature is multiplied in them instead, where tracks and densities are chosen and where drums are written. */
const ANSWERING_FORM_TEMPERATURE = 0.65;
const ANSWERING_DRUM_TEMPERATURE = 0.5;

/**
 * What silence of the tracks that sound in about half of the bars or fewer loses of its logit in those bars: drawn cold, what is
 * less likely than not hardly comes. At 0.5 of the temperature leads and arps sounded in 20 of 100 bars, where the phrases asked
 * for have them in 40; over bars that answer changes in held-out jams this loss makes them as frequent as they are there, and
 * fits them best. Chords lose less, being likelier than not in most: at 0.75 they sounded in 70 bars where 58 were asked, at
 * nothing in 58 where 61 were.
 */
const ANSWERING_SILENCE: Partial<Record<Track, number>> = { chords: 0.35, lead: 0.75, arp: 0.75 };

/**
 * By what the scale lock is multiplied in bars that answer a new key or mode: what is remembered of the old one pulls. With the
 * lock as it is in all bars, 8 of 100 chord notes after a change of key did not belong to the new one.
 */
const ANSWERING_LOCK = 3;

/** Where the head of a bar names, counted from its BAR, what calls for another form (style, section) or for other pitches. */
export const FORM_PLACES: readonly number[] = [1, 2];
export const TONALITY_PLACES: readonly number[] = [5, 6];

/** After these a pitch has to come, or what a pitch is to have. */
const BEFORE_PITCH = /: (expects note|after velocity|after duration)$/;

/**
 * [states] of the grammar: by what a person's temperature is multiplied in each. One temperature for all can't be right: at 1.1
 * tracks and densities that a section asks for got lost, while at 1 the pitches had a quarter of a bit less entropy than music
 * has.
 */
export const STATE_TEMPERATURE = temperatures(FORM_TEMPERATURE, DRUM_TEMPERATURE);

/**
 * The same in bars that answer a change: who asks for a build is to hear one. Colder in every bar, sections and styles were heard
 * more often as well, but over 1,000 bars the music lost 0.17 bit of its entropy, and bars began to repeat.
 */
export const ANSWERING_TEMPERATURE = temperatures(
	ANSWERING_FORM_TEMPERATURE,
	ANSWERING_DRUM_TEMPERATURE
);

function temperatures(form: number, drums: number): Float32Array {
	return Float32Array.from(STATE_NAMES, (name) => {
		if (name === 'bar body' || name.endsWith('expects density')) return form;
		if (name.startsWith('drums:')) return drums;
		return BEFORE_PITCH.test(name) ? PITCH_TEMPERATURE : 1;
	});
}

/**
 * Whether a bar answers a change of what its head names at `places`: `heads` are the tokens of the bars up to this one (each from
 * its BAR on), ANSWERING_BARS + 1 of them, or fewer where the set has just begun. The first bar of a set counts as a change.
 */
export function answersChange(
	heads: readonly (readonly number[])[],
	places: readonly number[]
): boolean {
	if (heads.length <= ANSWERING_BARS) return true;
	const differs = (a: readonly number[], b: readonly number[]) =>
		places.some((place) => a[place] !== b[place]);
	return heads.some((head, i) => i > 0 && differs(head, heads[i - 1]!));
}

/**
 * What silence of a resting track loses of its logit. A track that has been silent for the whole window tends to stay
 * so: without this, house lost its bass for 40 bars of 48. Held back in every bar, core tracks sounded in 97-99 % of the bars,
 * where held-out phrases have them in 79, 65 and 57 %, and breaks were none.
 */
const SILENCE_PENALTY = 2;

/** The core tracks that never sound in `tokens`, which hold the last RESTING_BARS whole bars. */
export function restingTracks(tokens: readonly number[]): Track[] {
	return CORE_TRACKS.filter((track) => {
		const header = tokenOf('TRACK', TRACKS.indexOf(track));
		const silent = tokenOf('DENSITY', 0);
		return !tokens.some((token, i) => token === header && tokens[i + 1] !== silent);
	});
}

/**
 * The demand on a bar that came out empty: a core track that played lately has to sound, or the first that the person has not
 * silenced. Null where all were asked to be silent.
 */
export function demandSound(
	{ density }: GenerationControls,
	resting: readonly Track[]
): Demand | null {
	const free = CORE_TRACKS.filter((track) => (density[track] ?? null) === null);
	const track = free.find((track) => !resting.includes(track)) ?? free[0];
	return track === undefined ? null : { track, without: tokenOf('DENSITY', 0) };
}

/** After so many bars that play the same to the note, the next is not to be the same again. */
export const WORN_BARS = 4;

/**
 * The demand on a bar that plays what the WORN_BARS before it played: its busiest track leaves its last beginning out, so that the
 * bar ends otherwise. Null where nothing sounds. (To ask for another density was not enough: nearly alone in a bar, the model
 * played the same drums under another label.)
 */
export function demandChange(parts: readonly Part[]): Demand | null {
	const beginnings = parts.map(({ track, hits, notes }) => ({
		track,
		positions: [...new Set([...hits, ...notes].map(({ position }) => position))]
	}));
	const busiest = beginnings.reduce<(typeof beginnings)[number] | null>(
		(best, one) => (one.positions.length > (best?.positions.length ?? 0) ? one : best),
		null
	);
	if (!busiest) return null;
	return { track: busiest.track, without: tokenOf('POS', Math.max(...busiest.positions)) };
}

/** What a full scale lock takes from the logit of a pitch outside the scale: two thousandths of its odds remain. */
const SCALE_PENALTY = 6;

/**
 * Adds the scale lock to `bias`: pitches outside `key` and `mode` are held back in every pitched track, by `strength`
 * 0..1, more where the bar `answers` a new key or mode. They are not excluded: a chord of passage or a blue note still comes
 * when the model is sure of it.
 */
export function lockScale(
	bias: Float32Array,
	{ key, mode }: { readonly key: number; readonly mode: number },
	strength: number,
	answers: boolean
): void {
	const penalty = SCALE_PENALTY * Math.min(1, answers ? ANSWERING_LOCK * strength : strength);
	for (let pitch = PITCH_MIN; pitch <= PITCH_MAX; pitch++) {
		if (inScale(pitch, key, mode)) continue;
		for (let scope = 1; scope < GRAMMAR.scopeCount; scope++) {
			bias[scope * VOCABULARY_SIZE + pitchToken(pitch)]! -= penalty;
		}
	}
}

/** A bias under which the bar ends at its next opportunity and the next one begins: only BAR remains. */
export function barBias(): Float32Array {
	const bias = new Float32Array(GRAMMAR.scopeCount * VOCABULARY_SIZE).fill(EXCLUDED);
	for (let scope = 0; scope < GRAMMAR.scopeCount; scope++) {
		bias[scope * VOCABULARY_SIZE + tokenOf('BAR')] = 0;
	}
	return bias;
}

function exclude(bias: Float32Array, scope: number, family: Family, value: number): void {
	bias[scope * VOCABULARY_SIZE + tokenOf(family, value)] = EXCLUDED;
}

function keepOnly(bias: Float32Array, scope: number, family: Family, value: number | null): void {
	if (value === null) return;
	const { start, size } = FAMILY_RANGES[family];
	for (let i = 0; i < size; i++) {
		if (i !== value) bias[scope * VOCABULARY_SIZE + start + i] = EXCLUDED;
	}
}
