// `npm test`: installs, finds or gets a Chromium, builds, and runs everything: lint, types, unit, gpu, audio, e2e.
// `npm test -- unit gpu` runs only those. The last line counts: N passed, N failed.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureBuilt } from './build.mjs';
import { ensureChromium } from './chromium.mjs';
import { ensureInstalled, fail, run, runBeside } from './install.mjs';

const RESULTS = 'test-results';

/**
 * The stages in their order. Those of one row run side by side: the sound is rendered on one core, which leaves the other one.
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {Record<string, () => Promise<Count>>} Lane stages that run one after the other
 * @type {Lane[][]}
 */
const ROWS = [
	[
		{
			lint: async () =>
				sum(
					check(await runBeside('npx', ['prettier', '--check', '--log-level', 'warn', '.'])),
					check(await runBeside('npx', ['eslint', '--max-warnings', '0', '.']))
				),
			types: async () =>
				check(
					await runBeside('npx', [
						'svelte-check',
						'--tsconfig',
						'./tsconfig.json',
						'--fail-on-warnings'
					])
				),
			unit: () => vitest('unit')
		},
		{ audio: () => vitest('audio') }
	],
	[{ gpu: () => vitest('gpu') }],
	[{ e2e: playwright }]
];

const chosen = process.argv.slice(2);
const names = ROWS.flat().flatMap((lane) => Object.keys(lane));
const unknown = chosen.find((stage) => !names.includes(stage));
if (unknown) fail(`There is no stage "${unknown}". There are: ${names.join(', ')}.`);

ensureInstalled();
ensureChromium();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
run('npx', ['svelte-kit', 'sync'], { failure: 'SvelteKit could not read the project.' });
ensureBuilt();

/** @type {Count} */
let total = { passed: 0, failed: 0 };
for (const lanes of ROWS) await Promise.all(lanes.map(runLane));
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

/** @param {Lane} lane */
async function runLane(lane) {
	for (const [name, stage] of Object.entries(lane)) {
		if (chosen.length && !chosen.includes(name)) continue;
		console.log(`\n== ${name} begins`);
		const began = Date.now();
		const count = await stage();
		const seconds = Math.round((Date.now() - began) / 1000);
		console.log(`== ${name}: ${count.passed} passed, ${count.failed} failed in ${seconds} s`);
		total = sum(total, count);
	}
}

/**
 * A command that passes or fails as a whole.
 * @param {boolean} succeeded
 * @returns {Count}
 */
function check(succeeded) {
	return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * @param {string} project of vitest.config.ts
 * @returns {Promise<Count>}
 */
async function vitest(project) {
	const file = `${RESULTS}/${project}.json`;
	const succeeded = await runBeside('npx', [
		'vitest',
		'run',
		'--project',
		project,
		'--reporter=default',
		'--reporter=json',
		`--outputFile.json=${file}`
	]);
	return counted(succeeded, file, (report) => ({
		passed: report.numPassedTests,
		failed: report.numFailedTests
	}));
}

/** @returns {Promise<Count>} */
async function playwright() {
	const file = `${RESULTS}/e2e.json`;
	const succeeded = run('npx', ['playwright', 'test']);
	return counted(succeeded, file, ({ stats }) => ({
		passed: stats.expected + stats.flaky,
		failed: stats.unexpected
	}));
}

/**
 * Reads a runner's report. A runner that failed, or wrote no report, without a failed test counts as one failure.
 * @param {boolean} succeeded
 * @param {string} file
 * @param {(report: any) => Count} read
 * @returns {Count}
 */
function counted(succeeded, file, read) {
	/** @type {Count} */
	let count = { passed: 0, failed: 0 };
	try {
		count = read(JSON.parse(readFileSync(file, 'utf8')));
	} catch (error) {
		console.error(`No report in ${file}: ${error instanceof Error ? error.message : error}`);
		succeeded = false;
	}
	if (!succeeded && count.failed === 0) count.failed = 1;
	return count;
}

/**
 * @param {Count} a
 * @param {Count} b
 * @returns {Count}
 */
function sum(a, b) {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}
