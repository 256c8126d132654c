/** What the page says of a measured model, of its progress and of a piece, in words. Pure. */
import { KEYS } from '../../music/vocabulary';
import { keysByFit, type Key } from '../../sonify/key';
import { lengthInSeconds, type PieceName, type Score } from '../../sonify/score';
import type { MeasuredModel } from '../../weights/protocol';
import { loadingWords, type LoadingWords } from '../engineWords';
import type { Progress } from './weightsState.svelte';

export interface Fact {
	readonly name: string;
	readonly value: string;
}

export const PIECE_WORDS: Readonly<Record<PieceName, string>> = {
	acid: 'A bass pattern for each layer, its filter opened by the gates',
	house: '128 bars from intro to outro, a groove from the spectra',
	opera: 'Four acts: overture, canon, climax, dénouement',
	dna: 'Five movements for a small ensemble'
};

export function modelFacts({ parameters, family, statistics, ...rest }: MeasuredModel): Fact[] {
	const { bytes, kept, seconds, engine } = rest;
	const measured = kept
		? 'before, and kept by this browser'
		: `in ${seconds.toFixed(1)} s by ${engine}`;
	return [
		{ name: 'Family', value: family },
		{
			name: 'Weights',
			value: `${(parameters / 1e6).toFixed(1)} million, ${(bytes / 1e6).toFixed(1)} MB`
		},
		{ name: 'Layers', value: String(statistics.layers.length) },
		{ name: 'Measured', value: measured }
	];
}

/** How far opening and measuring are, for WorkProgress. */
export function progressWords(progress: Progress | null): LoadingWords & { what: string } {
	if (!progress) return { what: 'Opening the model', amount: '', share: null };
	if (progress.type === 'progress') {
		return { what: progress.file, ...loadingWords({ ...progress, preparing: false }) };
	}
	const { done, total, tensor, share } = progress;
	return { what: `Measuring ${tensor}`, amount: `${done} of ${total}`, share };
}

export function scoreFacts(score: Score): string {
	const { bars, tempos, notes } = score;
	const speeds = [...new Set(tempos.map(({ bpm }) => bpm))].sort((a, b) => a - b);
	const range = speeds.length > 1 ? `${speeds[0]}–${speeds.at(-1)}` : String(speeds[0]);
	const seconds = Math.round(lengthInSeconds(score));
	const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	return `${range} BPM, ${bars} bars, ${notes.length} notes, ${clock}`;
}

/** From here on a key is plain to hear, and below this it could as well be the next best. */
const PLAIN = 0.1;
const OPEN = 0.03;

/** The key of a model with how sure it is: "A minor, a close call with C major (confidence 0.02 of 1)". */
export function keyWords({ tonic, mode, confidence, chroma }: Key): string {
	const nameOf = (key: Pick<Key, 'tonic' | 'mode'>): string => `${KEYS[key.tonic]} ${key.mode}`;
	const rival = keysByFit(chroma)[1];
	const sure =
		!rival || confidence >= PLAIN
			? 'plain to hear'
			: confidence >= OPEN
				? `likely, before ${nameOf(rival)}`
				: `a close call with ${nameOf(rival)}`;
	return `${nameOf({ tonic, mode })}, ${sure} (confidence ${confidence.toFixed(2)} of 1)`;
}
