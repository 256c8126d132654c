/**
 * What the tokens of a model mean to a person: text, where a `tokenizer.json` lies beside the weights; the names of our
 * own music language; otherwise the bare numbers. The tokenizer itself is Hugging Face's.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { ModelFileError, type JsonObject } from '../model/config';
import type { Constraint } from '../model/decoder';
import type { ModelFolder } from '../model/files';
import type { LoadedModel } from '../model/loadModel';
import { unconstrained } from '../model/sampling';
import { advance, initialState } from '../model/tokenGrammar';
import { GRAMMAR } from '../music/grammar';
import { TOKEN_NAMES, VOCABULARY_SIZE } from '../music/vocabulary';

export type LanguageKind = 'text' | 'music' | 'numbers';

export interface Language {
	readonly kind: LanguageKind;
	/** a text to begin with */
	readonly example: string;
	/** The tokens of what a person typed. Throws an InputError that says what can't be read. */
	encode(typed: string): number[];
	/** What `token` shows behind the tokens `before`: words, or a name and a space. */
	show(token: number, before: readonly number[]): string;
	/** What may follow `tokens`. */
	constraint(tokens: readonly number[]): Constraint;
	/** tokens with which a text ends */
	readonly ends: ReadonlySet<number>;
}

/** Something that a person typed can't be given to the model: what, and what to do. */
export class InputError extends Error {
	override readonly name = 'InputError';
}

/** How a bar of house begins. */
const EXAMPLE = 'BAR STYLE_house SECTION_drop ENERGY_6 TEMPO_126 KEY_A MODE_minor';

/** Tokens behind a new one that its text may depend on. */
const CONTEXT = 8;

/** What a decoder of bytes shows while a character lacks some of its bytes. */
const UNFINISHED = '\ufffd';

/** The language of a model in `folder`. Throws a ModelFileError when its tokenizer can't be used. */
export async function languageOf(folder: ModelFolder, model: LoadedModel): Promise<Language> {
	if (model.description && model.config.vocabularySize === VOCABULARY_SIZE) return music();
	const tokenizer = await readJson(folder, 'tokenizer.json');
	if (!tokenizer) return numbers(model.config.vocabularySize);
	const settings = (await readJson(folder, 'tokenizer_config.json')) ?? {};
	const config = (await readJson(folder, 'config.json')) ?? {};
	try {
		return text(new Tokenizer(tokenizer, settings), model.config.vocabularySize, endsOf(config));
	} catch (error) {
		throw new ModelFileError(
			`The model can't be used: its tokenizer.json is of a kind that this version does not read. Choose another model, or remove the file to see bare token numbers.`,
			{ cause: error }
		);
	}
}

function text(tokenizer: Tokenizer, vocabularySize: number, ends: ReadonlySet<number>): Language {
	const open = unconstrained(vocabularySize);
	/** the tokenizer refuses to decode nothing */
	const decode = (tokens: readonly number[]) =>
		tokens.length === 0
			? ''
			: tokenizer.decode([...tokens], {
					skip_special_tokens: false,
					clean_up_tokenization_spaces: false
				});
	return {
		kind: 'text',
		example: 'Music begins where',
		ends,
		encode(typed) {
			const { ids } = tokenizer.encode(typed);
			if (ids.length === 0) throw new InputError('Type a few words for the model to go on from.');
			const unknown = ids.find((id) => id >= vocabularySize);
			if (unknown !== undefined) {
				throw new InputError(
					`The tokenizer gives the token ${unknown}, and the model has only ${vocabularySize}: the two files belong to different models.`
				);
			}
			return ids;
		},
		show(token, before) {
			const context = before.slice(-CONTEXT);
			const shorter = decode(context);
			const longer = decode([...context, token]);
			/** a character of several tokens shows with the token that completes it */
			if (longer.endsWith(UNFINISHED)) return '';
			const same = shorter.endsWith(UNFINISHED) ? shorter.replace(/\ufffd+$/, '') : shorter;
			return longer.startsWith(same) ? longer.slice(same.length) : decode([token]);
		},
		constraint: () => open
	};
}

function music(): Language {
	const ids = new Map(TOKEN_NAMES.map((name, token) => [name.toUpperCase(), token]));
	return {
		kind: 'music',
		example: EXAMPLE,
		ends: new Set(),
		encode(typed) {
			const tokens = wordsOf(typed).map((word) => {
				const token = ids.get(word.toUpperCase());
				if (token === undefined) {
					throw new InputError(
						`"${word}" is no token of the music language; a bar begins with BAR.`
					);
				}
				return token;
			});
			stateAfter(tokens);
			return tokens;
		},
		show: (token) => `${TOKEN_NAMES[token] ?? token} `,
		constraint: (tokens) => ({
			grammar: GRAMMAR,
			state: stateAfter(tokens),
			bias: new Float32Array(GRAMMAR.scopeCount * GRAMMAR.vocabularySize)
		})
	};
}

/** Where the grammar of music stands after `tokens`. Throws an InputError for a sequence that it does not admit. */
function stateAfter(tokens: readonly number[]) {
	if (tokens.length === 0) throw new InputError('Type at least BAR for the model to go on from.');
	const state = initialState(GRAMMAR);
	for (const token of tokens) {
		try {
			advance(GRAMMAR, state, token);
		} catch (error) {
			throw new InputError(
				`The music language does not allow ${TOKEN_NAMES[token] ?? token} where it stands. Bars begin with BAR and their headings; take the tokens of the example as a pattern.`,
				{ cause: error }
			);
		}
	}
	return state;
}

function numbers(vocabularySize: number): Language {
	const open = unconstrained(vocabularySize);
	return {
		kind: 'numbers',
		example: '0 1 2 3',
		ends: new Set(),
		encode(typed) {
			const tokens = wordsOf(typed).map(Number);
			const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < vocabularySize;
			if (tokens.length === 0 || !tokens.every(isToken)) {
				throw new InputError(
					`This model came without a tokenizer, so type token numbers from 0 to ${vocabularySize - 1}, with spaces between them.`
				);
			}
			return tokens;
		},
		show: (token) => `${token} `,
		constraint: () => open
	};
}

function wordsOf(typed: string): string[] {
	return typed.split(/[\s,]+/).filter(Boolean);
}

/** A config's `eos_token_id`: a number, a list, or absent. */
function endsOf({ eos_token_id: end }: JsonObject): Set<number> {
	const list: unknown[] = Array.isArray(end) ? end : [end];
	return new Set(list.filter((id): id is number => typeof id === 'number'));
}

async function readJson(folder: ModelFolder, name: string): Promise<JsonObject | null> {
	const file = await folder.open(name);
	if (!file) return null;
	const bytes = await file.read(0, file.size);
	try {
		return JSON.parse(new TextDecoder().decode(bytes)) as JsonObject;
	} catch (error) {
		throw new ModelFileError(
			`The model can't be used: ${name} is no JSON. Download the model again.`,
			{ cause: error }
		);
	}
}
