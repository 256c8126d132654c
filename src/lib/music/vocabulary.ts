/**
 * The music vocabulary: every token that the model reads and writes, and nothing else. This table is the only
 * definition in the application; `training/vocabulary.json` is generated from it (`npm run vocabulary`) and a test
 * compares the two in both directions.
 *
 * Two choices differ from a plain note-by-note encoding, because they were measured on 1,298 four-part bars of the
 * corpus (median 139 tokens a bar before, 95 after): a drum hit is one token that carries piece and level, and velocity
 * and duration are written only when they change inside a part.
 */

/** Steps in a bar: 12 a beat, so that sixteenths (3) and triplets (4) are both exact. */
export const STEPS_PER_BAR = 48;
export const STEPS_PER_BEAT = 12;
export const BEATS_PER_BAR = 4;

export const STYLES = [
	'house',
	'acid',
	'techno',
	'electro',
	'breaks',
	'ambient',
	'pop',
	'orchestral',
	'game',
	'groove'
] as const;
export type Style = (typeof STYLES)[number];

export const SECTIONS = ['intro', 'build', 'drop', 'break', 'outro', 'loop'] as const;
export type Section = (typeof SECTIONS)[number];

export const MODES = [
	'major',
	'minor',
	'dorian',
	'phrygian',
	'lydian',
	'mixolydian',
	'harmonic',
	'chromatic'
] as const;
export type Mode = (typeof MODES)[number];

/** The order of the parts inside a bar. `guest` is what a person plays; the model never writes it. */
export const TRACKS = ['drums', 'bass', 'chords', 'lead', 'arp', 'guest'] as const;
export type Track = (typeof TRACKS)[number];

export const KEYS = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'Gb', 'G', 'Ab', 'A', 'Bb', 'B'] as const;

/** Tempo bins in BPM: 60, 66, ... 198. */
export const TEMPO_BINS = Array.from({ length: 24 }, (_, bin) => 60 + 6 * bin);

/** The kit: General MIDI note numbers, ascending. */
export const DRUM_PIECES = [
	{ name: 'kick', note: 36 },
	{ name: 'rim', note: 37 },
	{ name: 'snare', note: 38 },
	{ name: 'clap', note: 39 },
	{ name: 'floor tom', note: 41 },
	{ name: 'closed hat', note: 42 },
	{ name: 'pedal hat', note: 44 },
	{ name: 'low tom', note: 45 },
	{ name: 'open hat', note: 46 },
	{ name: 'mid tom', note: 47 },
	{ name: 'crash', note: 49 },
	{ name: 'high tom', note: 50 },
	{ name: 'ride', note: 51 },
	{ name: 'ride bell', note: 53 },
	{ name: 'tambourine', note: 54 },
	{ name: 'cowbell', note: 56 },
	{ name: 'bongo', note: 60 },
	{ name: 'mute conga', note: 62 },
	{ name: 'open conga', note: 63 },
	{ name: 'low conga', note: 64 },
	{ name: 'shaker', note: 70 },
	{ name: 'claves', note: 75 }
] as const;

/** Loudness of a drum hit, 0..1, by level: ghost, soft, plain, accent. */
export const HIT_LEVELS = [0.25, 0.5, 0.75, 1] as const;

export const PITCH_MIN = 21;
export const PITCH_MAX = 108;

/** Velocity of a pitched note by level, 0..1. The top level is the accent. */
export const VELOCITY_LEVELS = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1] as const;

/** Note lengths in steps. */
export const DURATIONS = [
	1, 2, 3, 4, 6, 8, 9, 12, 15, 18, 24, 30, 36, 48, 72, 96, 144, 192
] as const;

/** Density labels: 0 is silence, 1-7 are octiles of the notes in a sounding bar (see `density.ts`). */
export const DENSITY_LEVELS = 8;
export const ENERGY_LEVELS = 8;

/** What holds at the start of every part until a VEL or DUR token says otherwise: level index and duration index. */
export const PART_DEFAULTS = { velocity: 5, duration: 2 } as const;

/** Families in token order, with the spoken name of each of their values. */
const FAMILY_VALUES = {
	BAR: [''],
	STYLE: STYLES,
	SECTION: SECTIONS,
	ENERGY: range(ENERGY_LEVELS),
	TEMPO: TEMPO_BINS.map(String),
	KEY: KEYS,
	MODE: MODES,
	TRACK: TRACKS,
	DENSITY: range(DENSITY_LEVELS),
	POS: range(STEPS_PER_BAR),
	HIT: DRUM_PIECES.flatMap((piece) => HIT_LEVELS.map((_, level) => `${piece.name}:${level}`)),
	PITCH: Array.from({ length: PITCH_MAX - PITCH_MIN + 1 }, (_, i) => String(PITCH_MIN + i)),
	VEL: range(VELOCITY_LEVELS.length),
	DUR: DURATIONS.map(String),
	SLIDE: ['']
} as const satisfies Record<string, readonly string[]>;

export type Family = keyof typeof FAMILY_VALUES;
export const FAMILIES = Object.keys(FAMILY_VALUES) as Family[];

/** First token of each family and how many values it has. */
export const FAMILY_RANGES: Readonly<Record<Family, { start: number; size: number }>> = (() => {
	let start = 0;
	const ranges = {} as Record<Family, { start: number; size: number }>;
	for (const family of FAMILIES) {
		const size = FAMILY_VALUES[family].length;
		ranges[family] = { start, size };
		start += size;
	}
	return ranges;
})();

/** The name of every token, by id: `STYLE_house`, `POS_0`, `HIT_kick:3`. */
export const TOKEN_NAMES: readonly string[] = FAMILIES.flatMap((family) =>
	FAMILY_VALUES[family].map((value) => (value === '' ? family : `${family}_${value}`))
);

export const VOCABULARY_SIZE = TOKEN_NAMES.length;

const FAMILY_OF_TOKEN: readonly Family[] = FAMILIES.flatMap((family) =>
	FAMILY_VALUES[family].map(() => family)
);

/** The token of the `value`-th member of `family`. Throws a RangeError when there is no such member. */
export function tokenOf(family: Family, value = 0): number {
	const { start, size } = FAMILY_RANGES[family];
	if (!Number.isInteger(value) || value < 0 || value >= size) {
		throw new RangeError(`${family} has the values 0 to ${size - 1}; ${value} is not one of them.`);
	}
	return start + value;
}

/** Which family a token belongs to and which of its values it is. Throws a RangeError for an id outside the vocabulary. */
export function familyOf(token: number): { family: Family; value: number } {
	const family = FAMILY_OF_TOKEN[token];
	if (family === undefined) {
		throw new RangeError(`Token ${token} is outside the vocabulary of ${VOCABULARY_SIZE}.`);
	}
	return { family, value: token - FAMILY_RANGES[family].start };
}

/** The token of a kit piece at a level. Throws a RangeError when there is no such piece or level. */
export function hitToken(piece: number, level: number): number {
	if (HIT_LEVELS[level] === undefined) {
		throw new RangeError(`A hit has the levels 0 to ${HIT_LEVELS.length - 1}, not ${level}.`);
	}
	return tokenOf('HIT', piece * HIT_LEVELS.length + level);
}

/** The token of a MIDI pitch. Throws a RangeError outside PITCH_MIN to PITCH_MAX. */
export function pitchToken(pitch: number): number {
	return tokenOf('PITCH', pitch - PITCH_MIN);
}

/** The index of the kit piece that a General MIDI note number names, or -1. */
export function pieceOfNote(note: number): number {
	return DRUM_PIECES.findIndex((piece) => piece.note === note);
}

/** The nearest tempo bin to a tempo in BPM. */
export function tempoBin(bpm: number): number {
	return Math.max(0, Math.min(TEMPO_BINS.length - 1, Math.round((bpm - 60) / 6)));
}

/** Everything that training needs to know about the language, as plain JSON. */
export function vocabularyTable() {
	return {
		tokens: [...TOKEN_NAMES],
		families: FAMILY_RANGES,
		stepsPerBar: STEPS_PER_BAR,
		stepsPerBeat: STEPS_PER_BEAT,
		styles: [...STYLES],
		sections: [...SECTIONS],
		modes: [...MODES],
		keys: [...KEYS],
		tracks: [...TRACKS],
		tempoBins: [...TEMPO_BINS],
		drumPieces: DRUM_PIECES.map((piece) => ({ ...piece })),
		hitLevels: [...HIT_LEVELS],
		pitchMin: PITCH_MIN,
		pitchMax: PITCH_MAX,
		velocityLevels: [...VELOCITY_LEVELS],
		durations: [...DURATIONS],
		partDefaults: { ...PART_DEFAULTS }
	};
}

function range(size: number): string[] {
	return Array.from({ length: size }, (_, i) => String(i));
}
