// What both commands need before anything else: a recent Node and the packages of the lock file.
import { spawnSync } from 'node:child_process';
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
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
	console.error(message);
	process.exit(1);
}
