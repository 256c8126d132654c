/**
 * The prompt on its way from the page about weights to the jam. It lies in the tab's own storage: it outlives the change of
 * pages and a reload, and another tab jams undisturbed.
 */
import { parseBars } from '../music/bars';
import { KEYS, MODES, STYLES } from '../music/vocabulary';
import type { Prompt } from '../sonify/prompt';
import { PIECES } from '../sonify/score';

const KEY = 'kqv.prompt';

/** Throws an Error in words where the browser keeps nothing for this page. */
export function keepPrompt(prompt: Prompt): void {
	try {
		sessionStorage.setItem(KEY, JSON.stringify(prompt));
	} catch (error) {
		throw new Error(
			'This browser keeps nothing for this page, so the bars could not be handed to the jam. Allow the page to keep data, and hand them over again.',
			{ cause: error }
		);
	}
}

export function forgetPrompt(): void {
	try {
		sessionStorage.removeItem(KEY);
	} catch {
		return; // where nothing can be kept, nothing was
	}
}

/** The prompt that was kept; null where none was, or none that can be read. */
export function keptPrompt(): Prompt | null {
	try {
		return readPrompt(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
	} catch {
		return null; // storage is closed, or the text was written by another version: the usual opening is there
	}
}

/** Reads a prompt of unknown making. Null, or a MusicLanguageError of its tokens, where it is none. */
function readPrompt(json: unknown): Prompt | null {
	if (typeof json !== 'object' || json === null) return null;
	const { piece, model, bars, tokens, tempo, style, key, mode } = json as Partial<Prompt>;
	const isWhole = Array.isArray(tokens) && parseBars(tokens).length > 0;
	const isPlaced = Number.isInteger(bars?.from) && Number.isInteger(bars?.to);
	const isNamed = typeof model === 'string' && PIECES.some((name) => name === piece);
	const isSet = [
		[style, STYLES],
		[key, KEYS],
		[mode, MODES]
	].every(([index, list]) => (list as readonly string[])[index as number] !== undefined);
	const isPrompt = isWhole && isPlaced && isNamed && isSet && Number.isFinite(tempo);
	return isPrompt ? (json as Prompt) : null;
}
