// What both commands need before anything else: a recent Node and the packages of the lock file.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const OLDEST_NODE = { major: 20, minor: 19 };

/** Ends the process with a sentence when Node is too old, and installs the packages when they are missing or stale. */
export function ensureInstalled() {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	const { major: oldestMajor, minor: oldestMinor } = OLDEST_NODE;
	if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
		fail(
			`Key Query Voice needs Node ${oldestMajor}.${oldestMinor} or newer; this is ${process.versions.node}. Install a newer Node and try again.`
		);
	}
	const installed = 'node_modules/.package-lock.json';
	const fresh =
		existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs;
	if (fresh) return;
	console.log('Installing packages ...');
	run('npm', ['ci', '--no-audit', '--no-fund'], {
		env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
		failure: 'The packages could not be installed. Check the network connection and try again.'
	});
}

/**
 * Runs a command to its end with its output shown.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, failure?: string }} [options] with `failure`, a failed command ends the process
 * @returns {boolean} whether it succeeded
 */
export function run(command, args, { env = process.env, failure } = {}) {
	const { status } = spawnSync(command, args, {
		stdio: 'inherit',
		env,
		shell: process.platform === 'win32'
	});
	if (status !== 0 && failure) fail(failure);
	return status === 0;
}

/**
 * Starts a command whose output is shown in one piece when it has ended, so that another may run beside it.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<boolean>} whether it succeeded
 */
export function runBeside(command, args) {
	return new Promise((resolve) => {
		const child = spawn(command, args, {
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: process.platform === 'win32'
		});
		/** @type {Buffer[]} */
		const output = [];
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (part) => output.push(part));
		const end = (/** @type {number | null} */ status) => {
			process.stdout.write(Buffer.concat(output));
			resolve(status === 0);
		};
		child.on('close', end);
		child.on('error', (error) => {
			output.push(Buffer.from(`${command} could not be started: ${error.message}\n`));
			end(null);
		});
	});
}

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
	console.error(message);
	process.exit(1);
}
