/** Runs each cell where nothing of the others can touch it: a browser of its own, or a Node process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CHROMIUM_FLAGS } from '../../scripts/chromium.mjs';
import { openBrowserPage } from '../browserPage';
import type { CellResult } from './cell';
import type { AdapterReport, CellRequest, NodeAnswer, NodeJob } from './jobs';
import type { Options } from './options';
import type { BenchPage } from './page';
import { startServer } from './server';
import type { SizeName } from './sizes';

export interface Runner {
	/** what runs the cells, in words */
	readonly runtime: string;
	/** null where there is no GPU */
	adapter(): Promise<AdapterReport | null>;
	cell(request: CellRequest): Promise<CellResult>;
	close(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('../decode.mjs', import.meta.url));

/** Starting, loading and slow first tokens, beyond the budget of the tokens themselves. */
function limitSeconds({ budgetSeconds }: { budgetSeconds: number }): number {
	return 120 + 6 * budgetSeconds;
}

/** Runs a job in a process of its own, which is ended when the time is over. */
export function runNodeJob(job: NodeJob, seconds: number): Promise<NodeAnswer> {
	return new Promise((resolve, reject) => {
		const child = fork(ENTRY, ['--job', JSON.stringify(job)], {
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
			execArgv: ['--max-old-space-size=16384']
		});
		let complaint = '';
		child.stderr!.on('data', (text) => (complaint = `${complaint}${text}`.slice(-2000)));
		let timedOut = false;
		const timer = setTimeout(() => {
			timedOut = true;
			child.kill('SIGKILL');
		}, seconds * 1000);
		let answer: NodeAnswer | null = null;
		child.on('message', (message) => {
			answer = message as NodeAnswer;
		});
		child.on('exit', (code, signal) => {
			clearTimeout(timer);
			if (answer?.kind === 'failure') reject(new Error(answer.message));
			else if (answer) resolve(answer);
			else if (timedOut) reject(new Error(`no answer within ${seconds} s`));
			else reject(new Error(`the process ended (${signal ?? code}): ${complaint.trim()}`));
		});
	});
}

export function startNodeRunner(truths: ReadonlyMap<SizeName, string>): Runner {
	return {
		runtime: `Node ${process.versions.node}`,
		async adapter() {
			const answer = await runNodeJob({ kind: 'adapter' }, 120);
			return answer.kind === 'adapter' ? answer.report : null;
		},
		async cell(request) {
			const truth = truths.get(request.size)!;
			const answer = await runNodeJob({ kind: 'cell', request, truth }, limitSeconds(request));
			if (answer.kind !== 'cell') throw new Error(`the process answered with ${answer.kind}`);
			return answer.result;
		},
		async close() {
			/** every process ended with its answer */
		}
	};
}

/** Memory is measured at once instead of at the next garbage collection. */
const MEASURING_FLAGS = ['--enable-blink-features=ForceEagerMeasureMemory'];

export async function startBrowserRunner(
	truths: ReadonlyMap<SizeName, string>,
	adapter: Options['adapter']
): Promise<Runner> {
	const server = await startServer(truths);
	const flags = CHROMIUM_FLAGS.filter(
		(flag) => adapter === 'software' || !flag.startsWith('--use-webgpu-adapter')
	);
	const open = () =>
		openBrowserPage<BenchPage>(server.url, {
			name: 'benchPage',
			flags: [...flags, ...MEASURING_FLAGS]
		});

	/** Opens a browser with the page in it, asks, and closes it, whatever happens. */
	async function ask<T, A>(
		seconds: number,
		question: (page: BenchPage, argument: A) => Promise<T>,
		argument: A
	): Promise<T> {
		const browser = await open();
		try {
			return await browser.ask(seconds, question, argument);
		} finally {
			await browser.close();
		}
	}

	const probe = await open();
	const { version } = probe;
	await probe.close();
	return {
		runtime: `Chromium ${version}`,
		adapter: () => ask(120, (page) => page.adapter(), null),
		cell: (request) =>
			ask(limitSeconds(request), (page, asked: CellRequest) => page.cell(asked), request),
		close: () => server.close()
	};
}
