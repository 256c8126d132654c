/** Scales by the names that musicians give them, over the whole range of MIDI pitches: none ends at its tonic. */
import { Scale as TonalScale } from 'tonal';

/** Names in Tonal's tables, by ours. */
const TONAL_NAMES = {
	major: 'major',
	minor: 'minor',
	dorian: 'dorian',
	phrygian: 'phrygian',
	lydian: 'lydian',
	mixolydian: 'mixolydian',
	harmonic: 'harmonic minor',
	'minor pentatonic': 'minor pentatonic',
	'major pentatonic': 'major pentatonic'
} as const;

export type ScaleName = keyof typeof TONAL_NAMES;

/** A scale on a tonic; degree 0 is the tonic, and degrees go on over the octaves in both directions. */
export interface Scale {
	readonly name: ScaleName;
	/** pitch class, C is 0 */
	readonly tonic: number;
	/** semitones above the tonic, ascending, from 0 */
	readonly steps: readonly number[];
}

export function scaleOn(tonic: number, name: ScaleName): Scale {
	const { chroma } = TonalScale.get(TONAL_NAMES[name]);
	const steps = [...chroma].flatMap((digit, semitones) => (digit === '1' ? [semitones] : []));
	return { name, tonic, steps };
}

/** Pitch classes of a scale, the tonic first. */
export function pitchClassesOf(name: ScaleName, tonic: number): number[] {
	return scaleOn(tonic, name).steps.map((step) => (tonic + step) % 12);
}

/** The MIDI pitch of a degree; degree 0 is the tonic in the octave from C-1 (MIDI 0) up. */
export function pitchOfDegree({ tonic, steps }: Scale, degree: number): number {
	const octave = Math.floor(degree / steps.length);
	return tonic + 12 * octave + steps[degree - octave * steps.length]!;
}

/** The degree whose pitch is nearest; of two that are as near, the lower. */
export function nearestDegree(scale: Scale, pitch: number): number {
	let degree = Math.floor((pitch - scale.tonic) / 12) * scale.steps.length;
	while (pitchOfDegree(scale, degree + 1) <= pitch) degree++;
	const above = pitchOfDegree(scale, degree + 1) - pitch;
	return above < pitch - pitchOfDegree(scale, degree) ? degree + 1 : degree;
}

/** All pitches of a scale from `low` to `high`, both inclusive, ascending. */
export function pitchesOf(scale: Scale, low: number, high: number): number[] {
	const pitches: number[] = [];
	for (let pitch = low; pitch <= high; pitch++) if (inScale(scale, pitch)) pitches.push(pitch);
	return pitches;
}

export function inScale({ tonic, steps }: Scale, pitch: number): boolean {
	return steps.includes((((pitch - tonic) % 12) + 12) % 12);
}

/** The pitch of the class nearest to `pitch` from below or at it, so that all lie within an octave: low .. low + 11. */
export function inOctaveFrom(low: number, pitch: number): number {
	return low + ((((pitch - low) % 12) + 12) % 12);
}
