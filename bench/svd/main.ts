/** The benchmark of singular value decompositions from the command line to the table: every engine at every size. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requestGpuDevice, type GpuDevice } from '../../src/lib/gpu/device';
import type { Matrix } from '../../src/lib/linalg/matrix';
import { createSvd } from '../../src/lib/linalg/svd';
import { errorsOf, randomMatrix } from '../../tests/unit/linalg/measures';
import { ENGINES, type Decompose, type SvdBench } from './engines';
import { aimsOf, tableOf, type Measured } from './table';

const root = fileURLToPath(new URL('../..', import.meta.url));

const USAGE = `npm run bench:svd -- [options]
  --sizes a,b     sides of the square matrices; default 64,128,256, and on a graphics card to 1024
  --engines a,b   of ${ENGINES.map(({ id }) => id).join(', ')}; default all
  --budget s      no engine begins what is expected to take longer; default 60
  --rounds n      times each engine decomposes each matrix after warming up, the fastest counts; default 8
  --out file      where the figures go; default bench/results/svd.json
  --dry           write no file`;

interface Options {
	readonly sizes: readonly number[] | null;
	readonly engines: readonly SvdBench[];
	readonly budgetSeconds: number;
	readonly rounds: number;
	readonly out: string | null;
}

const SIZES = { software: [64, 128, 256], hardware: [64, 128, 256, 384, 512, 768, 1024] };
/** How time grows with the side, where caches are left behind. */
const GROWTH = 3.3;
/** Side of the matrix that an engine decomposes before any is timed. */
const WARM_UP = 32;

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

async function measure({ sizes, engines, budgetSeconds, rounds, out }: Options): Promise<void> {
	installPeers();
	const gpu = await openGpu();
	const adapter = gpu ? { name: gpu.name, software: gpu.software } : null;
	const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`;
	console.log(`${machine}\n${describe(gpu)}`);
	const chosen = sizes ?? SIZES[gpu && !gpu.software ? 'hardware' : 'software'];
	const measured: Measured[] = [];
	for (const engine of engines) {
		measured.push(...(await measureEngine(engine, gpu, chosen, budgetSeconds, rounds)));
	}
	console.log(`\n${tableOf(measured, chosen)}\n\n${aimsOf(measured, adapter).join('\n')}`);
	if (out === null) return;
	const date = new Date().toISOString();
	const result = { date, machine, adapter, rounds, measured };
	await mkdir(join(out, '..'), { recursive: true });
	await writeFile(out, `${JSON.stringify(result, null, '\t')}\n`);
	console.log(`\nWritten to ${out}`);
}

async function measureEngine(
	{ id, label, create }: SvdBench,
	gpu: GpuDevice | null,
	sizes: readonly number[],
	budgetSeconds: number,
	rounds: number
): Promise<Measured[]> {
	const results: Measured[] = [];
	const give = (size: number, rest: Pick<Measured, 'failure' | 'figures'>): void => {
		results.push({ engine: id, label, size, ...rest });
		process.stderr.write(`${label}, ${size}: ${rest.failure || rest.figures?.milliseconds}\n`);
	};
	let decompose: Decompose;
	try {
		decompose = await create(gpu);
		await decompose(randomMatrix(WARM_UP, WARM_UP, 1));
	} catch (error) {
		for (const size of sizes) give(size, { failure: sentenceOf(error), figures: null });
		return results;
	}
	const began = performance.now();
	await decompose(randomMatrix(WARM_UP, WARM_UP, 2));
	let last = { size: WARM_UP, milliseconds: performance.now() - began };
	for (const size of sizes) {
		const expected = last.milliseconds * (size / last.size) ** GROWTH;
		if (expected > budgetSeconds * 1000) {
			give(size, { failure: 'beyond the budget', figures: null });
			continue;
		}
		try {
			const figures = await figuresOf(decompose, size, budgetSeconds, rounds);
			last = { size, milliseconds: figures.milliseconds };
			give(size, { failure: '', figures });
		} catch (error) {
			give(size, { failure: sentenceOf(error), figures: null });
		}
	}
	return results;
}

async function figuresOf(
	decompose: Decompose,
	size: number,
	budgetSeconds: number,
	rounds: number
): Promise<NonNullable<Measured['figures']>> {
	const matrix = randomMatrix(size, size, size);
	let milliseconds = Infinity;
	let processorMilliseconds = Infinity;
	let result = await decompose(matrix);
	const began = performance.now();
	for (let round = 0; round < rounds; round++) {
		const before = performance.now();
		const usage = process.cpuUsage();
		result = await decompose(matrix);
		const { user, system } = process.cpuUsage(usage);
		milliseconds = Math.min(milliseconds, performance.now() - before);
		processorMilliseconds = Math.min(processorMilliseconds, (user + system) / 1000);
		if (performance.now() - began > budgetSeconds * 1000) break;
	}
	const errors = errorsOf(matrix, result, await truthOf(matrix));
	return { milliseconds, processorMilliseconds, errors };
}

const truths = new Map<number, ArrayLike<number>>();

/** Singular values in f64 by ml-matrix, which is not ours; by our own f64 where it would take minutes. */
async function truthOf(matrix: Matrix): Promise<ArrayLike<number>> {
	const known = truths.get(matrix.columns);
	if (known) return known;
	const decompose =
		matrix.columns <= 512
			? await ENGINES.find(({ id }) => id === 'ml-matrix')!.create(null)
			: createSvd(null).decompose;
	const { s } = await decompose(matrix);
	truths.set(matrix.columns, s);
	return s;
}

async function openGpu(): Promise<GpuDevice | null> {
	try {
		const { testGpu } = await import('../../tests/gpu/setup');
		/** where jax-js looks for it */
		const navigator = { gpu: testGpu, userAgent: 'Node', platform: process.platform };
		Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
		return await requestGpuDevice(testGpu);
	} catch (error) {
		console.log(`No WebGPU here: ${sentenceOf(error)}`);
		return null;
	}
}

function describe(gpu: GpuDevice | null): string {
	if (!gpu) return 'no WebGPU';
	return gpu.software
		? `${gpu.name}\nThe adapter is emulated on the CPU: its times say nothing about graphics cards.`
		: gpu.name;
}

/** Peers have a folder of packages to themselves, so that nobody downloads them to play the instrument. */
function installPeers(): void {
	const folder = join(root, 'bench');
	if (existsSync(join(folder, 'node_modules/svd-js'))) return;
	console.log('Installing the libraries to compare with (about 170 MB) ...');
	const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
	const { status } = spawnSync(npm, ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
	if (status !== 0) console.log('They could not be installed; the table will show them as failed.');
}

/** Throws an Error that says what is wrong and lists the options. */
function readOptions(argv: readonly string[]): Options {
	const { values } = parsed(argv);
	const names = values.engines?.split(',') ?? ENGINES.map(({ id }) => id);
	const stranger = names.find((name) => !ENGINES.some(({ id }) => id === name));
	if (stranger !== undefined) throw new Error(`There is no engine "${stranger}".\n${USAGE}`);
	const out = values.out ?? 'bench/results/svd.json';
	return {
		sizes: values.sizes?.split(',').map((size) => positive('sizes', size)) ?? null,
		engines: ENGINES.filter(({ id }) => names.includes(id)),
		budgetSeconds: positive('budget', values.budget ?? '60'),
		rounds: positive('rounds', values.rounds ?? '8'),
		out: values.dry ? null : isAbsolute(out) ? out : join(root, out)
	};
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: {
				sizes: { type: 'string' },
				engines: { type: 'string' },
				budget: { type: 'string' },
				rounds: { type: 'string' },
				out: { type: 'string' },
				dry: { type: 'boolean' }
			}
		});
	} catch (error) {
		throw new Error(`${sentenceOf(error)}\n${USAGE}`, { cause: error });
	}
}

function positive(name: string, text: string): number {
	const value = Number(text);
	if (Number.isSafeInteger(value) && value > 0) return value;
	throw new Error(`--${name} takes whole numbers above 0, not "${text}".\n${USAGE}`);
}

function sentenceOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
