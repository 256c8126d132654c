/** The benchmark from the command line to the table: every engine on every model, round by round. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aimsOf } from './aims';
import type { CellResult } from './cell';
import type { EngineSpec } from './engines';
import type { AdapterReport } from './jobs';
import { USAGE, readOptions, type Options } from './options';
import { LEGEND, rowOf, tableOf, type Measured, type SizeReport } from './report';
import { runNodeJob, startBrowserRunner, startNodeRunner, type Runner } from './runners';
import { shippedFiles } from './shippedFiles';
import { sizedModel, type SizeName } from './sizes';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Lengths {
	readonly prompt: number;
	readonly tokens: number;
}

/** Where the command line does not say: an emulated adapter needs a second for a token of the largest model. */
function lengthsOf(size: SizeName, adapter: AdapterReport | null): Lengths {
	if (size === 'tiny') return { prompt: 16, tokens: 32 };
	if (adapter && !adapter.software) {
		return size === 'gemma' ? { prompt: 64, tokens: 128 } : { prompt: 128, tokens: 512 };
	}
	return size === 'gemma' ? { prompt: 16, tokens: 16 } : { prompt: 64, tokens: 64 };
}

/** Tokens that are compared with the reference, which is slow. */
const COMPARED_TOKENS = 32;

export async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes('--help')) {
		console.log(USAGE);
		return;
	}
	let options: Options;
	try {
		options = readOptions(argv);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
		return;
	}
	if (options.place === 'browser') installPeers();
	const folder = await mkdtemp(join(tmpdir(), 'kqv-bench-'));
	const truths = new Map<SizeName, string>();
	const runner =
		options.place === 'node'
			? startNodeRunner(truths)
			: await startBrowserRunner(truths, options.adapter);
	try {
		const adapter = await runner.adapter().catch((error: unknown) => {
			console.log(`No WebGPU here: ${error instanceof Error ? error.message : error}`);
			return null;
		});
		console.log(describe(runner, adapter));
		const sizes: SizeReport[] = [];
		for (const size of options.sizes) {
			const file = join(folder, size);
			const report = await measureSize(size, options, runner, adapter, async (prompt, tokens) => {
				note(`${size}: reference in f64`);
				const job = { kind: 'truth', size, promptLength: prompt, tokens, file } as const;
				await runNodeJob(job, 1800);
				truths.set(size, file);
			});
			console.log(`\n${tableOf(report)}`);
			sizes.push(report);
		}
		console.log(`\n${LEGEND}\n\n${aimsOf(sizes, adapter).join('\n')}`);
		if (!options.dry) {
			const path = await save(runner, adapter, options, sizes);
			console.log(`\nWritten to ${path}`);
		}
	} finally {
		await runner.close();
		await rm(folder, { recursive: true, force: true });
	}
}

async function measureSize(
	size: SizeName,
	options: Options,
	runner: Runner,
	adapter: AdapterReport | null,
	prepare: (prompt: number, tokens: number) => Promise<void>
): Promise<SizeReport> {
	const lengths = lengthsOf(size, adapter);
	const promptLength = options.promptLength ?? lengths.prompt;
	const tokens = options.tokens ?? lengths.tokens;
	const { parameters } = await sizedModel(size, shippedFiles);
	await prepare(promptLength, Math.min(tokens, COMPARED_TOKENS));
	const rounds = new Map<EngineSpec, CellResult[]>();
	const failures = new Map<EngineSpec, string[]>();
	for (const spec of options.engines) {
		rounds.set(spec, []);
		failures.set(spec, []);
	}
	for (let round = 0; round < options.rounds; round++) {
		for (const spec of options.engines) {
			/** what failed once would fail again, and may have taken minutes to do so */
			if (failures.get(spec)!.length > 0) continue;
			note(`${size}, round ${round + 1} of ${options.rounds}: ${spec.label}`);
			const { budgetSeconds } = options;
			try {
				const request = { engine: spec.id, size, tokens, budgetSeconds };
				rounds.get(spec)!.push(await runner.cell(request));
			} catch (error) {
				failures.get(spec)!.push(error instanceof Error ? error.message : String(error));
			}
		}
	}
	note('');
	const measured = options.engines.map((spec): Measured => ({
		engine: spec.id,
		label: spec.label,
		onGpu: spec.onGpu,
		rounds: rounds.get(spec)!,
		failures: failures.get(spec)!
	}));
	return {
		size,
		parameters: `${(parameters / 1e6).toFixed(1)} M`,
		promptLength,
		tokens,
		rows: measured.map((engine) => rowOf(engine, adapter))
	};
}

/** Peers have a folder of packages to themselves, so that nobody downloads them to play the instrument. */
function installPeers(): void {
	const folder = join(root, 'bench');
	if (existsSync(join(folder, 'node_modules'))) return;
	console.log('Installing the engines to compare with (about 170 MB) ...');
	const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
	const { status } = spawnSync(npm, ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
	if (status !== 0) {
		console.log('They could not be installed; the table will show them as failed.');
	}
}

/** One line that the next replaces, on a terminal alone. */
function note(text: string): void {
	if (!process.stderr.isTTY) {
		if (text) process.stderr.write(`${text}\n`);
		return;
	}
	process.stderr.write(`\r\x1b[2K${text}`);
}

function describe(runner: Runner, adapter: AdapterReport | null): string {
	const [processor] = cpus();
	const machine = `${processor?.model ?? 'unknown processor'}, ${cpus().length} cores, ${runner.runtime}`;
	if (!adapter) return `${machine}, no WebGPU`;
	const { name, software, bandwidth } = adapter;
	const caveat = software
		? '\nThe adapter is emulated on the CPU: its times and its bandwidth say nothing about graphics cards.'
		: '';
	return `${machine}\n${name}, reads ${(bandwidth / 1e9).toFixed(1)} GB/s${caveat}`;
}

async function save(
	runner: Runner,
	adapter: AdapterReport | null,
	{ rounds, budgetSeconds }: Options,
	sizes: readonly SizeReport[]
): Promise<string> {
	const folder = join(root, 'bench/results');
	await mkdir(folder, { recursive: true });
	const date = new Date().toISOString();
	const name = (adapter?.name ?? 'no-gpu').toLowerCase().replace(/[^a-z0-9]+/g, '-');
	const where = runner.runtime.split(' ', 1)[0]!.toLowerCase();
	const path = join(folder, `decode-${name.slice(0, 40)}-${where}-${date.slice(0, 10)}.json`);
	const machine = {
		processor: cpus()[0]?.model ?? 'unknown',
		cores: cpus().length,
		memoryBytes: totalmem(),
		platform: `${process.platform} ${process.arch}`,
		runtime: runner.runtime,
		adapter,
		commit: commit()
	};
	await writeFile(
		path,
		`${JSON.stringify({ date, machine, plan: { rounds, budgetSeconds }, sizes }, null, '\t')}\n`
	);
	return path;
}

/** The commit, marked where the files differ from it; "unknown" outside of a repository. */
function commit(): string {
	try {
		const git = (...words: string[]) =>
			execFileSync('git', words, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
				.toString()
				.trim();
		const changed = git('status', '--porcelain', '--', 'src', 'shaders', 'bench') !== '';
		return git('rev-parse', 'HEAD') + (changed ? ', with changes' : '');
	} catch {
		return 'unknown';
	}
}
