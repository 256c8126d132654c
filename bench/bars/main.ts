/**
 * The bars benchmark from the command line to the table: can the engines of machines without a graphics card keep up
 * with the music, four tracks at 128 BPM?
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import sirv from 'sirv';
import type { Plugin } from 'vite';
import { openBrowserPage } from '../browserPage';
import { weightsHash } from '../diskFolder';
import { root, startPageServer } from '../pageServer';
import { ENGINE_NAMES, type BarsEngine, type EngineAnswer } from './request';
import { figuresOf, tableOf, type EngineFigures } from './figures';
import type { BarsPage } from './page';

const USAGE = `npm run bench:bars -- [options]
  --model folder    default static/models/kqv-small; a folder with a config.json alone gets random weights of its shape
  --engines a,b     of ${ENGINE_NAMES.join(', ')}; default wasm,typescript
  --bars n          bars to write with each engine; default 20
  --budget s        seconds for one engine; default 30
  --out file        where the figures go; default bench/results/bars.json
  --dry             write no file`;

interface Options {
	readonly model: string;
	readonly engines: readonly BarsEngine[];
	readonly bars: number;
	readonly budgetSeconds: number;
	readonly out: string | null;
}

export async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes('--help')) {
		console.log(USAGE);
		return;
	}
	try {
		await measure(readOptions(argv));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}

async function measure({ model, engines, bars, budgetSeconds, out }: Options): Promise<void> {
	const random = !existsSync(join(model, 'model.safetensors'));
	const plugin: Plugin = {
		name: 'measured-model',
		configureServer({ middlewares }) {
			middlewares.use('/measured-model', sirv(model, { dev: true }));
		}
	};
	const server = await startPageServer('bench/bars/page.html', { plugins: [plugin] });
	const figures: EngineFigures[] = [];
	let version = '';
	let answered: EngineAnswer | null = null;
	try {
		for (const engine of engines) {
			const browser = await openBrowserPage<BarsPage>(server.url, { name: 'barsPage' });
			version = browser.version;
			const limit = 120 + 4 * budgetSeconds;
			try {
				answered = await browser.ask(limit, (page, asked) => page.prepare(asked), {
					engine,
					random
				});
				const before = await browser.processorSeconds();
				const answer = await browser.ask(limit, (page, asked) => page.write(asked), {
					bars,
					budgetSeconds
				});
				const processorSeconds = (await browser.processorSeconds()) - before;
				figures.push(figuresOf(engine, answered.device, answer, processorSeconds));
			} finally {
				await browser.close();
			}
		}
	} finally {
		await server.close();
	}
	const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Chromium ${version}`;
	const folder = relative(root, model);
	const name = folder.startsWith('..') ? model : folder;
	console.log(
		`${machine}\n${name}: ${((answered?.parameters ?? 0) / 1e6).toFixed(1)} M weights${random ? ', random' : ''}, window ${answered?.window}\n\n${tableOf(figures, random)}`
	);
	if (out === null) return;
	const result = {
		model: (await weightsHash(model)) ?? 'random weights',
		parameters: answered?.parameters,
		window: answered?.window,
		machine,
		date: new Date().toISOString(),
		engines: figures
	};
	await mkdir(join(out, '..'), { recursive: true });
	await writeFile(out, `${JSON.stringify(result, null, '\t')}\n`);
	console.log(`\nWritten to ${out}`);
}

/** Throws an Error that says what is wrong and lists the options. */
function readOptions(argv: readonly string[]): Options {
	const { values } = parsed(argv);
	const model = absolute(values.model ?? 'static/models/kqv-small');
	if (!existsSync(join(model, 'config.json'))) {
		throw new Error(`There is no config.json in ${model}, so there is no model.\n${USAGE}`);
	}
	const engines = (values.engines ?? 'wasm,typescript').split(',');
	const stranger = engines.find((engine) => !isEngine(engine));
	if (stranger !== undefined) throw new Error(`There is no engine "${stranger}".\n${USAGE}`);
	return {
		model,
		engines: engines.filter(isEngine),
		bars: positive('bars', values.bars ?? '20'),
		budgetSeconds: positive('budget', values.budget ?? '30'),
		out: values.dry ? null : absolute(values.out ?? 'bench/results/bars.json')
	};
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: {
				model: { type: 'string' },
				engines: { type: 'string' },
				bars: { type: 'string' },
				budget: { type: 'string' },
				out: { type: 'string' },
				dry: { type: 'boolean' }
			}
		});
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`${reason}\n${USAGE}`, { cause: error });
	}
}

function positive(name: string, text: string): number {
	const value = Number(text);
	if (Number.isFinite(value) && value > 0) return value;
	throw new Error(`--${name} takes a number above 0, not "${text}".\n${USAGE}`);
}

function isEngine(name: string): name is BarsEngine {
	return (ENGINE_NAMES as readonly string[]).includes(name);
}

function absolute(path: string): string {
	return isAbsolute(path) ? path : join(root, path);
}
