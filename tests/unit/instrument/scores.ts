/** A small score by hand: a note on every beat, its pitch the number of its bar, and one knob. */
import type { Score, ScoreNote } from '../../../src/lib/sonify/score';

const SOURCE = {
	tensor: 'layers.0.up',
	role: 'up',
	layer: 0,
	statistic: 'row norm',
	index: 3,
	value: 1.5
} as const;

export function scoreOf(bars: number, changes: Partial<Score> = {}): Score {
	const notes = Array.from({ length: 4 * bars }, (_, beat): ScoreNote => ({
		part: 'bass',
		track: 'bass',
		beat,
		duration: 0.5,
		pitch: 40 + Math.floor(beat / 4),
		velocity: 0.8,
		accent: false,
		slide: false,
		source: SOURCE
	}));
	return {
		piece: 'acid',
		model: 'test/model',
		key: { tonic: 9, mode: 'minor', confidence: 1, chroma: [] },
		character: { order: 0, tails: 0.5, attention: 0.5, imbalance: 0 },
		bars,
		tempos: [{ beat: 0, bpm: 120 }],
		parts: [{ id: 'bass', name: 'Bass', track: 'bass', program: 38, channel: 0 }],
		sections: [{ name: 'all', beat: 0, bars, scale: 'minor', tonic: 9 }],
		notes,
		automation: [
			{
				parameter: 'bass.cutoff',
				points: [
					{ beat: 0, value: 0, source: SOURCE },
					{ beat: 8, value: 1, source: SOURCE }
				]
			}
		],
		...changes
	};
}
