/** Patches to begin with. The first one is what an instrument has that nobody has patched. */
import { cable, type Cable } from './patch';

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
	{ name: 'Nothing', cables: [] }
];
