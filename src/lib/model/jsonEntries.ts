/**
 * Reads entries of a JSON object that somebody else wrote: each is what it should be, or a ModelFileError says which one is
 * not. An entry that is null counts as absent, as it does where these files come from.
 */
import { ModelFileError } from './modelFileError';

/** What an entry of a JSON object may hold before it is looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** All methods throw a ModelFileError for an entry that is not what they read, or is absent and has no `fallback`. */
export interface Entries {
	has(key: string): boolean;
	/** it is there, and says null */
	isNull(key: string): boolean;
	/** a whole number from 1 to `largest` */
	whole(key: string, largest: number, fallback?: number): number;
	/** a whole number from 0 to `largest` */
	count(key: string, largest: number, fallback?: number): number;
	/** a number above 0 */
	positive(key: string, fallback?: number): number;
	flag(key: string, fallback: boolean): boolean;
	word(key: string, fallback?: string): string;
	/** a list of `length` words, or null where it is absent */
	words(key: string, length: number): string[] | null;
	/** the entries of an object, or null where it is absent */
	inner(key: string): Entries | null;
	/** the error that says what is wrong with these entries, `reason` being half a sentence */
	refusal(reason: string): ModelFileError;
}

/** `json` as an object. Throws a ModelFileError when it is something else. */
export function jsonObject(json: unknown, file: string): JsonObject {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw unusable(file, 'it holds no JSON object');
	}
	return json as JsonObject;
}

/** The entries of the object `json`, which lies in `file`. Throws a ModelFileError when it is something else. */
export function entriesOf(json: unknown, file: string): Entries {
	const object = jsonObject(json, file);
	const read = <T>(
		key: string,
		fallback: T | undefined,
		what: string,
		isRight: (value: unknown) => value is T
	): T => {
		const value = object[key] ?? fallback;
		if (isRight(value)) return value;
		throw unusable(file, `"${key}" should be ${what}, and is ${shown(value)}`);
	};
	return {
		has: (key) => (object[key] ?? null) !== null,
		isNull: (key) => object[key] === null,
		whole: (key, largest, fallback) =>
			read(
				key,
				fallback,
				`a whole number from 1 to ${largest}`,
				(value): value is number => isWhole(value) && value >= 1 && value <= largest
			),
		count: (key, largest, fallback) =>
			read(
				key,
				fallback,
				`a whole number from 0 to ${largest}`,
				(value): value is number => isWhole(value) && value >= 0 && value <= largest
			),
		positive: (key, fallback) =>
			read(
				key,
				fallback,
				'a number above 0',
				(value): value is number => Number.isFinite(value) && (value as number) > 0
			),
		flag: (key, fallback) =>
			read(key, fallback, 'true or false', (value): value is boolean => typeof value === 'boolean'),
		word: (key, fallback) =>
			read(key, fallback, 'a word', (value): value is string => typeof value === 'string'),
		words: (key, length) =>
			(object[key] ?? null) === null
				? null
				: read(
						key,
						undefined,
						`a list of ${length} words`,
						(value): value is string[] =>
							Array.isArray(value) &&
							value.length === length &&
							value.every((word) => typeof word === 'string')
					),
		inner: (key) => {
			const value = object[key] ?? null;
			return value === null ? null : entriesOf(value, `"${key}" of ${file}`);
		},
		refusal: (reason) => unusable(file, reason)
	};
}

/** A value as a message may quote it: short, whatever it holds. */
export function shown(value: unknown): string {
	switch (typeof value) {
		case 'undefined':
			return 'missing';
		case 'string':
			return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
		case 'object':
			return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
		default:
			return String(value);
	}
}

function isWhole(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

function unusable(file: string, reason: string): ModelFileError {
	return new ModelFileError(
		`The model can't be used: in ${file}, ${reason}. Download the model again, or choose another.`
	);
}
