/** What else the model might have written in the place of a note's own token. Pure. */
import type { TokenFrame } from '../model/tokenFrame';
import type { NoteEvent } from '../music/notes';
import { TOKEN_NAMES, familyOf } from '../music/vocabulary';

export interface Alternative {
	token: number;
	probability: number;
	/** this is what it wrote */
	taken: boolean;
}

/** Rows shown, the taken token included. */
export const ALTERNATIVES_SHOWN = 5;

/**
 * The model's own most probable tokens where it chose the pitch or hit of a note, best first. The taken token is always
 * among them, last when the model would rather have written others. Empty when the frame is no longer kept.
 */
export function alternativesOf(
	note: NoteEvent,
	frameAt: (position: number) => TokenFrame | undefined
): Alternative[] {
	for (let position = note.frames.last; position >= note.frames.first; position--) {
		const frame = frameAt(position);
		if (frame && namesTheNote(frame.token)) return ranked(frame);
	}
	return [];
}

function ranked(frame: TokenFrame): Alternative[] {
	const own: Alternative = {
		token: frame.token,
		probability: Math.exp(frame.logProbability),
		taken: true
	};
	const best = frame.alternatives
		.slice(0, ALTERNATIVES_SHOWN)
		.map(({ token, probability }): Alternative =>
			token === own.token ? { ...own, probability } : { token, probability, taken: false }
		);
	return best.some(({ taken }) => taken) ? best : [...best.slice(0, ALTERNATIVES_SHOWN - 1), own];
}

function namesTheNote(token: number): boolean {
	if (TOKEN_NAMES[token] === undefined) return false;
	const { family } = familyOf(token);
	return family === 'PITCH' || family === 'HIT';
}
