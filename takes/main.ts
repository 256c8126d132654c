/** The takes from the command line to the files: written here, rendered and listened to in a page meanwhile. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowserPage } from '../bench/browserPage';
import { diskFolder, weightsHash } from '../bench/diskFolder';
import { root, startPageServer, TONE } from '../bench/pageServer';
import { openingOf, STYLES_WITH_OPENING } from '../src/lib/generate/openings';
import { loadModel } from '../src/lib/model/loadModel';
import { createOnnxModel } from '../src/lib/model/onnx/onnxModel';
import { parseBars } from '../src/lib/music/bars';
import { STYLES } from '../src/lib/music/vocabulary';
import { ORT_FILES } from '../tests/unit/model/onnxFiles';
import { consonanceOf, type ConsonanceFigures } from './consonance';
import { figuresOf, LIMITS, problemsOf, type TakeFigures } from './judge';
import { encodeMidi } from './midiFile';
import type { TakesPage } from './page';
import { checkPlans, type TakePlan } from './plan';
import { tableOf } from './table';
import { takeBars } from './take';
import { writeTake } from './write';

const USAGE = `npm run takes -- [options]
  --model folder    default static/models/kqv-small
  --only a,b        those whose name contains one of these; writes no figures
  --out folder      where MIDI files and figures go; default takes`;

/** A take with what was measured of it. */
export interface JudgedTake extends Omit<TakePlan, 'phrases'> {
	readonly bars: number;
	readonly figures: TakeFigures;
	/** in words; none: the take is as it should be */
	readonly problems: readonly string[];
}

/** Seconds that a page may take over one take. */
const LISTENING_SECONDS = 600;

export async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes('--help')) {
		console.log(USAGE);
		return;
	}
	try {
		const failed = await makeTakes(argv);
		if (failed > 0) process.exitCode = 1;
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}

/** How many takes have problems. */
async function makeTakes(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			model: { type: 'string', default: 'static/models/kqv-small' },
			only: { type: 'string' },
			out: { type: 'string', default: 'takes' }
		}
	});
	const { only } = values;
	const folder = absolute(values.model);
	const out = absolute(values.out);
	const listed = JSON.parse(await readFile(join(root, 'takes/plans.json'), 'utf8')) as TakePlan[];
	checkPlans(listed);
	const wanted = only?.split(',') ?? [''];
	const plans = listed.filter(({ name }) => wanted.some((part) => name.includes(part)));
	await mkdir(out, { recursive: true });
	const model = await loadModel(diskFolder(folder));
	const engine = await createOnnxModel(model, { files: ORT_FILES, threads: 1 });
	const decoder = await engine.createDecoder();
	const server = await startPageServer('takes/page.html', { bundled: TONE });
	const browser = await openBrowserPage<TakesPage>(server.url, {
		name: 'takesPage',
		onError: (text) => console.error(`page: ${text}`)
	});
	const judged: JudgedTake[] = [];
	const tokens: Record<string, (readonly number[])[]> = {};
	try {
		let listening = Promise.resolve();
		for (const plan of plans) {
			const { name, seed, style, key, mode, tempo } = plan;
			const { bars, signals } = await writeTake(decoder, plan);
			tokens[name] = bars.map((bar) => bar.tokens);
			await writeFile(join(out, `${name}.mid`), encodeMidi({ name, tempo, bars }));
			listening = listening.then(async () => {
				const notes = bars.flatMap((bar) => bar.notes);
				const take = { tempo, notes, bars: bars.length, signals };
				const heard = await browser.ask(
					LISTENING_SECONDS,
					(page, asked) => page.listen(asked),
					take
				);
				const figures = figuresOf(bars, heard);
				const head = { name, seed, style, key, mode, tempo };
				judged.push({ ...head, bars: bars.length, figures, problems: problemsOf(figures) });
				process.stderr.write(`${name}, heard at ${heard.speed.toFixed(1)} times real time\n`);
			});
			listening.catch(() => undefined); // awaited below
		}
		await listening;
	} finally {
		await browser.close();
		await server.close();
		decoder.dispose();
		engine.dispose();
	}
	const reference = openingsReference();
	console.log(`\n${tableOf(judged, reference)}`);
	const failed = judged.filter(({ problems }) => problems.length > 0).length;
	if (only === undefined) {
		const sha256 = await weightsHash(folder);
		const head = { model: sha256, engine: engine.capabilities.device, limits: LIMITS };
		await writeFile(
			join(out, 'takes.json'),
			`${JSON.stringify({ ...head, openings: reference, takes: judged }, rounded, '\t')}\n`
		);
		await writeFile(join(out, 'tokens.json'), tokensFile(sha256, tokens));
		console.log(`\nWritten to ${out}`);
	}
	return failed;
}

/** Bass and chords of the composed openings: what takes are compared with. */
function openingsReference(): Record<string, ConsonanceFigures> {
	return Object.fromEntries(
		STYLES_WITH_OPENING.map((style) => {
			const { tokens } = openingOf(STYLES[style]!);
			const bars = parseBars(tokens).map(({ span }) => tokens.slice(span.first, span.last + 1));
			return [STYLES[style]!, consonanceOf(takeBars(bars))];
		})
	);
}

/** JSON with a line for each bar. */
function tokensFile(
	model: string | null,
	takes: Readonly<Record<string, readonly (readonly number[])[]>>
): string {
	const lines = Object.entries(takes).map(
		([name, bars]) => `"${name}": [\n${bars.map((bar) => JSON.stringify(bar)).join(',\n')}\n]`
	);
	return `{\n"model": ${JSON.stringify(model)},\n"takes": {\n${lines.join(',\n')}\n}\n}\n`;
}

function rounded(_key: string, value: unknown): unknown {
	return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value;
}

function absolute(path: string): string {
	return isAbsolute(path) ? path : join(root, path);
}
