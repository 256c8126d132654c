/**
 * The audio benchmark from the command line to the table: the share of a processor that each voice and the full set take,
 * and how a long set goes: underruns, long tasks, the time to the first sound.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { preview } from 'vite';
import type { Instrument } from '../../src/lib/instrumentHandle';
import { openBrowserPage } from '../browserPage';
import { root, startPageServer, TONE } from '../pageServer';
import { listen, watchPage, type LiveFigures } from './live';
import type { AudioPage } from './page';

const USAGE = `npm run build && npm run bench:audio -- [options]
  --minutes n   how long the instrument plays; default 10, 0 for not at all
  --rounds n    renderings of each voice, of which the median counts; default 3, 0 for none
  --out file    where the figures go; default bench/results/audio.json
  --dry         write no file`;

/** Aims: the full set by real time, first sound cold and warm in seconds. */
const AIMS = { fullSet: 0.3, cold: 2, warm: 0.3 };

interface Share {
	readonly part: string;
	/** seconds of work for one second of sound */
	readonly share: number;
}

export async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes('--help')) {
		console.log(USAGE);
		return;
	}
	try {
		await measure(argv);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}

async function measure(argv: readonly string[]): Promise<void> {
	const { minutes, rounds, out } = readOptions(argv);
	const { shares, version } = await measureShares(rounds);
	const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Chromium ${version}`;
	console.log(machine);
	if (shares.length > 0) console.log(`\n${shareTable(shares)}`);
	const live = minutes > 0 ? await measureLive(minutes) : null;
	if (live) console.log(`\n${liveTable(live)}`);
	if (out === null) return;
	const result = { machine, date: new Date().toISOString(), aims: AIMS, shares, live };
	await mkdir(join(out, '..'), { recursive: true });
	await writeFile(out, `${JSON.stringify(result, null, '\t')}\n`);
	console.log(`\nWritten to ${out}`);
}

async function measureShares(rounds: number): Promise<{ shares: Share[]; version: string }> {
	const server = await startPageServer('bench/audio/page.html', { bundled: TONE });
	try {
		const browser = await openBrowserPage<AudioPage>(server.url, { name: 'audioPage' });
		try {
			const shares: Share[] = [];
			const parts = rounds > 0 ? await browser.ask(30, (page) => page.parts(), null) : [];
			for (const part of parts) {
				const share = await browser.ask(120 * rounds, (page, asked) => page.share(asked), {
					part,
					rounds
				});
				shares.push({ part: part.name, share: Number(share.toFixed(4)) });
			}
			return { shares, version: browser.version };
		} finally {
			await browser.close();
		}
	} finally {
		await server.close();
	}
}

/** Plays the site as it was built. */
async function measureLive(minutes: number): Promise<LiveFigures> {
	const site = await preview({
		logLevel: 'error',
		preview: { port: 0, host: '127.0.0.1', open: false }
	});
	try {
		const address = site.httpServer.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		const browser = await openBrowserPage<Instrument>(`http://127.0.0.1:${port}/`, {
			name: 'kqv',
			before: watchPage
		});
		try {
			return await listen(browser, minutes);
		} finally {
			await browser.close();
		}
	} finally {
		await site.close();
	}
}

function shareTable(shares: readonly Share[]): string {
	const idle = shares[0]!.share;
	const rows = shares.map(({ part, share }, i) => [
		part,
		percent(share),
		i === 0 ? '' : percent(share - idle)
	]);
	return `${tableOf([['rendered offline', 'of real time', 'beside the mixer'], ...rows])}\naim: the full set at most ${percent(AIMS.fullSet)}`;
}

function liveTable(live: LiveFigures): string {
	const told = (value: number | null) =>
		value === null ? 'the browser does not tell' : String(value);
	return tableOf([
		['the page, played', ''],
		['first sound, cold', `${live.firstSoundCold.toFixed(2)} s (aim ${AIMS.cold})`],
		['first sound, warm', `${live.firstSoundWarm.toFixed(2)} s (aim ${AIMS.warm})`],
		['played', `${live.seconds.toFixed(0)} s`],
		['underruns', `${told(live.underruns)} (aim 0)`],
		['the same by minute', live.underrunsByMinute?.join(', ') ?? told(null)],
		['kept ready for the sound device', `${((live.baseLatency ?? 0) * 1000).toFixed(0)} ms`],
		[
			'long tasks of the main thread',
			`${live.longTasks}, the longest ${live.longestTaskMs.toFixed(0)} ms`
		],
		['bars repeated because the model was late', String(live.repeatedBars)],
		['processor share: model, sound, picture', percent(live.processorShare)]
	]);
}

function tableOf(rows: readonly (readonly string[])[]): string {
	const widths = rows[0]!.map((_, column) =>
		Math.max(...rows.map((row) => (row[column] ?? '').length))
	);
	return rows
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column]!))
				.join('  ')
				.trimEnd()
		)
		.join('\n');
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}

/** Throws an Error that says what is wrong and lists the options. */
function readOptions(argv: readonly string[]) {
	const { values } = parsed(argv);
	return {
		minutes: notNegative('minutes', values.minutes ?? '10'),
		rounds: notNegative('rounds', values.rounds ?? '3'),
		out: values.dry ? null : absolute(values.out ?? 'bench/results/audio.json')
	};
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: {
				minutes: { type: 'string' },
				rounds: { type: 'string' },
				out: { type: 'string' },
				dry: { type: 'boolean' }
			}
		});
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`${reason}\n${USAGE}`, { cause: error });
	}
}

function notNegative(name: string, text: string): number {
	const value = Number(text);
	if (Number.isFinite(value) && value >= 0) return value;
	throw new Error(`--${name} takes a number from 0 on, not "${text}".\n${USAGE}`);
}

function absolute(path: string): string {
	return isAbsolute(path) ? path : join(root, path);
}
