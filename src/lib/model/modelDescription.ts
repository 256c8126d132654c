/**
 * What `instrument.json` says of a model beside its architecture: a name for the page, the styles it plays, and the
 * answer that a correct engine gives to a known question.
 */
import { ModelFileError, jsonObject } from './config';

/** A prompt and the model's best continuations of it, as PyTorch computed them. */
export interface SelfTestExpectation {
	readonly tokens: readonly number[];
	/** the five most probable tokens after the prompt, best first */
	readonly top5: readonly number[];
	/** their logits */
	readonly logits: readonly number[];
}

export interface ModelDescription {
	readonly name: string;
	/** number of weights */
	readonly parameters: number;
	/** names of the styles it was trained on */
	readonly styles: readonly string[];
	/** keys that a query sees */
	readonly window: number;
	/** of model.safetensors, in hexadecimal; not checked where absent */
	readonly sha256?: string;
	/** length of model.safetensors; not checked where absent */
	readonly bytes?: number;
	readonly selfTest: SelfTestExpectation;
}

/** Reads the parsed contents of an `instrument.json`. Throws a ModelFileError that names the entry that is wrong. */
export function parseModelDescription(json: unknown, file = 'instrument.json'): ModelDescription {
	const entries = jsonObject(json, file);
	const expect = <T>(
		key: string,
		value: unknown,
		isRight: (value: unknown) => value is T,
		what: string
	): T => {
		if (isRight(value)) return value;
		throw new ModelFileError(
			`The model can't be used: in ${file}, "${key}" should be ${what}. Copy the model folder again.`
		);
	};
	const { name, parameters, styles, window, sha256, bytes } = entries;
	const selfTest = jsonObject(entries['selfTest'], `"selfTest" of ${file}`);
	const tokens = expect('selfTest.tokens', selfTest['tokens'], isTokens, 'a list of tokens');
	const top5 = expect('selfTest.top5', selfTest['top5'], isFiveTokens, 'a list of 5 tokens');
	const logits = expect('selfTest.logits', selfTest['logits'], isFiveNumbers, '5 numbers');
	return {
		name: expect('name', name, isText, 'a text'),
		parameters: expect('parameters', parameters, isWhole, 'a whole number'),
		styles: expect('styles', styles, isTexts, 'a list of names'),
		window: expect('window', window, isWhole, 'a whole number'),
		...(sha256 !== undefined && { sha256: expect('sha256', sha256, isDigest, '64 hex digits') }),
		...(bytes !== undefined && { bytes: expect('bytes', bytes, isWhole, 'a whole number') }),
		selfTest: { tokens, top5, logits }
	};
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every(isText);
}

function isDigest(value: unknown): value is string {
	return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

function isWhole(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTokens(value: unknown): value is number[] {
	return Array.isArray(value) && value.length > 0 && value.every(isWhole);
}

function isFiveTokens(value: unknown): value is number[] {
	return isTokens(value) && value.length === 5;
}

function isFiveNumbers(value: unknown): value is number[] {
	return Array.isArray(value) && value.length === 5 && value.every(Number.isFinite);
}
