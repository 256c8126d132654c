/**
 * The patch bay: which signal turns which knob, and how far. A cable moves a parameter around where the person left it;
 * the value lands with the note that caused it.
 */
import type { Signal } from './frameSignals';
import type { Signals } from './normaliser';
import type { Track } from '../music/vocabulary';

export interface Cable {
	signal: Signal;
	/** whose notes carry the signal */
	track: Track;
	/** parameter id */
	parameter: string;
	/** -1..1: share of the knob's travel by which a signal of 1 moves it up, and of 0 down */
	amount: number;
}

/** Audible and musical on every voice. */
export const DEFAULT_PATCH: readonly Cable[] = [
	{ signal: 'attentionEntropy', track: 'bass', parameter: 'bass.cutoff', amount: 0.5 },
	{ signal: 'surprise', track: 'bass', parameter: 'bass.resonance', amount: 0.35 },
	{ signal: 'uncertainty', track: 'bass', parameter: 'bass.envMod', amount: 0.3 },
	{ signal: 'attentionEntropy', track: 'bass', parameter: 'bass.fmIndex', amount: 0.5 },
	{ signal: 'mlpSparsity', track: 'drums', parameter: 'drums.hatDecay', amount: 0.4 },
	{ signal: 'attentionEntropy', track: 'chords', parameter: 'chords.brightness', amount: 0.4 },
	{ signal: 'attentionEntropy', track: 'chords', parameter: 'chords.drawbars', amount: 0.5 },
	{ signal: 'lookBack', track: 'chords', parameter: 'chords.reverb', amount: 0.2 },
	{ signal: 'surprise', track: 'lead', parameter: 'lead.brightness', amount: 0.6 },
	{ signal: 'surprise', track: 'lead', parameter: 'lead.pulseCutoff', amount: 0.5 },
	{ signal: 'uncertainty', track: 'lead', parameter: 'lead.bowPressure', amount: 0.4 },
	{ signal: 'lookBack', track: 'lead', parameter: 'lead.reverb', amount: 0.2 },
	{ signal: 'uncertainty', track: 'arp', parameter: 'arp.brightness', amount: 0.5 }
];

/** The signals of a note: the mean over the frames that wrote it. `null` where none is known. */
export function noteSignals(frames: readonly Signals[]): Signals | null {
	const first = frames[0];
	if (!first) return null;
	const mean = { ...first };
	for (const signal of Object.keys(mean) as Signal[]) {
		mean[signal] = frames.reduce((sum, frame) => sum + frame[signal], 0) / frames.length;
	}
	return mean;
}

/** Knob travel, 0..1, after a cable: `travel` moved by how far the signal is from the ordinary. */
export function modulate(travel: number, cable: Cable, signals: Signals, depth: number): number {
	const moved = travel + cable.amount * depth * 2 * (signals[cable.signal] - 0.5);
	return Math.max(0, Math.min(1, moved));
}
