/** Patches with names: those to begin with, of which an instrument has the first that nobody has patched, and a person's own. */
import { cable, readCables, type Cable } from './patch';

export interface PatchPreset {
	name: string;
	cables: readonly Cable[];
}

/** Audible and musical on every voice. */
export const DEFAULT_PATCH: readonly Cable[] = [
	cable('attentionEntropy', 'bass', 'bass.cutoff', 0.5),
	cable('surprise', 'bass', 'bass.resonance', 0.35),
	cable('uncertainty', 'bass', 'bass.envMod', 0.3),
	cable('attentionEntropy', 'bass', 'bass.fmIndex', 0.5),
	cable('mlpSparsity', 'drums', 'drums.hatDecay', 0.4),
	cable('attentionEntropy', 'chords', 'chords.brightness', 0.4),
	cable('attentionEntropy', 'chords', 'chords.drawbars', 0.5),
	cable('lookBack', 'chords', 'chords.reverb', 0.2),
	cable('surprise', 'lead', 'lead.brightness', 0.6),
	cable('surprise', 'lead', 'lead.pulseCutoff', 0.5),
	cable('uncertainty', 'lead', 'lead.bowPressure', 0.4),
	cable('lookBack', 'lead', 'lead.reverb', 0.2),
	cable('uncertainty', 'arp', 'arp.brightness', 0.5)
];

export const PATCH_PRESETS: readonly PatchPreset[] = [
	{ name: 'Balanced', cables: DEFAULT_PATCH },
	{
		name: 'Acid',
		cables: [
			cable('attentionEntropy', 'bass', 'bass.cutoff', 0.8, { curve: 'early' }),
			cable('surprise', 'bass', 'bass.resonance', 0.5),
			cable('uncertainty', 'bass', 'bass.envMod', 0.6),
			cable('residualGrowth', 'bass', 'bass.drive', 0.5, { smoothing: 1 }),
			cable('lookBack', 'bass', 'bass.delay', 0.3),
			cable('mlpSparsity', 'drums', 'drums.hatDecay', 0.3)
		]
	},
	{
		name: 'Space',
		cables: [
			cable('lookBack', 'drums', 'drums.reverb', 0.35, { curve: 'late' }),
			cable('lookBack', 'bass', 'bass.delay', 0.35, { curve: 'late' }),
			cable('lookBack', 'chords', 'chords.reverb', 0.3, { smoothing: 0.5 }),
			cable('lookBack', 'lead', 'lead.delay', 0.35),
			cable('lookBack', 'lead', 'lead.reverb', 0.3),
			cable('sink', 'lead', 'lead.pan', 0.4, { smoothing: 0.3 }),
			cable('lookBack', 'arp', 'arp.delay', 0.35),
			cable('sink', 'arp', 'arp.pan', -0.4, { smoothing: 0.3 })
		]
	},
	{
		name: 'Slow tide',
		cables: [
			cable('attentionEntropy', 'bass', 'bass.cutoff', 0.6, { smoothing: 4 }),
			cable('residualGrowth', 'chords', 'chords.brightness', 0.6, { smoothing: 4 }),
			cable('attentionEntropy', 'chords', 'chords.drawbars', 0.6, { smoothing: 4 }),
			cable('uncertainty', 'lead', 'lead.brightness', 0.5, { smoothing: 3 }),
			cable('uncertainty', 'arp', 'arp.brightness', 0.5, { smoothing: 3 })
		]
	},
	{
		name: 'Undercurrent',
		cables: [
			cable('feature', 'bass', 'bass.cutoff', 0.6, { directions: [0] }),
			cable('directionLead', 'bass', 'bass.resonance', 0.4, { smoothing: 0.5 }),
			cable('residualDrift', 'bass', 'bass.delay', 0.3, { smoothing: 0.5 }),
			cable('feature', 'drums', 'drums.hatDecay', 0.5, { directions: [1] }),
			cable('effectiveRank', 'chords', 'chords.brightness', 0.6, { smoothing: 1 }),
			cable('effectiveRank', 'chords', 'chords.drawbars', 0.6, { smoothing: 1 }),
			cable('residualDrift', 'chords', 'chords.reverb', 0.3, { smoothing: 1 }),
			cable('feature', 'lead', 'lead.brightness', 0.6, { directions: [2] }),
			cable('feature', 'arp', 'arp.brightness', 0.6, { directions: [0, 1] })
		]
	},
	{ name: 'Nothing', cables: [] }
];

export const LONGEST_PATCH_NAME = 40;

/** The name under which a patch is kept. Throws a RangeError when it can't have that name. */
export function patchName(typed: string): string {
	const name = typed.trim();
	if (name.length === 0)
		throw new RangeError('A patch needs a name. Type one, such as “Friday set”.');
	if (name.length > LONGEST_PATCH_NAME)
		throw new RangeError(
			`The name of a patch has up to ${LONGEST_PATCH_NAME} characters; this one has ${name.length}.`
		);
	if (PATCH_PRESETS.some((preset) => preset.name === name))
		throw new RangeError(`“${name}” is one of the patches to begin with. Choose another name.`);
	return name;
}

/** The list with these cables under a name: in its old place, or at the end. */
export function withPatch(
	kept: readonly PatchPreset[],
	name: string,
	cables: readonly Cable[]
): PatchPreset[] {
	const patch = { name, cables: [...cables] };
	return kept.some((one) => one.name === name)
		? kept.map((one) => (one.name === name ? patch : one))
		: [...kept, patch];
}

/** The patches that a text or file describes; what has no proper name or no cables is left out. */
export function readPatches(described: unknown): PatchPreset[] {
	if (!Array.isArray(described)) return [];
	let patches: PatchPreset[] = [];
	for (const one of described as unknown[]) {
		if (typeof one !== 'object' || one === null) continue;
		const { name, cables } = one as Record<string, unknown>;
		const read = readCables(cables);
		if (typeof name !== 'string' || !read) continue;
		try {
			patches = withPatch(patches, patchName(name), read);
		} catch {
			continue; // a name that can't be kept can't have been kept here: the text was written by hand
		}
	}
	return patches;
}
