/** The command line of `npm run bench:decode`. */
import { parseArgs } from 'node:util';
import { ENGINES, type EngineSpec, type Place } from './engines';
import { SIZE_NAMES, type SizeName } from './sizes';

export interface Options {
	readonly place: Place;
	/** SwiftShader, or whatever adapter the machine has */
	readonly adapter: 'software' | 'default';
	readonly sizes: readonly SizeName[];
	readonly engines: readonly EngineSpec[];
	/** for each size; absent: its own */
	readonly promptLength: number | undefined;
	readonly tokens: number | undefined;
	readonly rounds: number;
	readonly budgetSeconds: number;
	/** prints the table and writes no file */
	readonly dry: boolean;
}

export const USAGE = `npm run bench:decode -- [options]
  --node              our engines and WebAssembly in Node, the GPU through Dawn; otherwise headless Chromium
  --adapter default   the machine's own graphics card; otherwise SwiftShader (in Node, VK_ICD_FILENAMES names the driver)
  --sizes a,b         of ${SIZE_NAMES.join(', ')}; default shipped,11m,25m,gemma
  --engines a,b       those whose name begins so; of ${ENGINES.map(({ id }) => id).join(', ')}
  --tokens n          tokens to write; default 64, gemma 16; on a graphics card 512 and 128
  --prompt n          tokens of the prompt; default 64, gemma 16; on a graphics card 128 and 64
  --rounds n          times that every engine is run, in turn; the median counts; default 3
  --budget s          seconds for one engine in one round; default 30
  --quick             the shipped model, one round of 16 tokens
  --dry               write no file`;

/** Throws an Error that says what is wrong and lists the options. */
export function readOptions(argv: readonly string[]): Options {
	const { values } = parsed(argv);
	const place: Place = values.node ? 'node' : 'browser';
	const quick = values.quick === true;
	const sizes = (values.sizes ?? (quick ? 'shipped' : 'shipped,11m,25m,gemma')).split(',');
	const unknown = sizes.find((size) => !isSize(size));
	if (unknown !== undefined) throw new Error(`There is no size "${unknown}".\n${USAGE}`);
	const prefixes = values.engines?.split(',') ?? [''];
	const stranger = prefixes.find((prefix) => !ENGINES.some(({ id }) => id.startsWith(prefix)));
	if (stranger !== undefined) throw new Error(`There is no engine "${stranger}".\n${USAGE}`);
	const { adapter = 'software' } = values;
	if (adapter !== 'software' && adapter !== 'default') {
		throw new Error(`The adapter is "software" or "default", not "${adapter}".\n${USAGE}`);
	}
	return {
		place,
		adapter,
		sizes: sizes.filter(isSize),
		engines: ENGINES.filter(
			({ id, places }) => places.includes(place) && prefixes.some((prefix) => id.startsWith(prefix))
		),
		promptLength: wholeNumber('prompt', values.prompt) ?? (quick ? 16 : undefined),
		tokens: wholeNumber('tokens', values.tokens) ?? (quick ? 16 : undefined),
		rounds: wholeNumber('rounds', values.rounds) ?? (quick ? 1 : 3),
		budgetSeconds: wholeNumber('budget', values.budget) ?? (quick ? 8 : 30),
		dry: values.dry === true
	};
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: {
				node: { type: 'boolean' },
				adapter: { type: 'string' },
				sizes: { type: 'string' },
				engines: { type: 'string' },
				tokens: { type: 'string' },
				prompt: { type: 'string' },
				rounds: { type: 'string' },
				budget: { type: 'string' },
				quick: { type: 'boolean' },
				dry: { type: 'boolean' }
			}
		});
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`${reason}\n${USAGE}`, { cause: error });
	}
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (Number.isInteger(value) && value > 0) return value;
	throw new Error(`--${name} takes a whole number above 0, not "${text}".\n${USAGE}`);
}

function isSize(size: string): size is SizeName {
	return (SIZE_NAMES as readonly string[]).includes(size);
}
