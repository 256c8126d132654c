// Builds the static site into build/ when it is missing or older than what it is made of.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './install.mjs';

const SOURCES = [
	'src',
	'static',
	'shaders',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts'
];

/** Ends the process with a sentence when the build fails. */
export function ensureBuilt() {
	const built = 'build/index.html';
	if (existsSync(built) && Math.max(...SOURCES.map(newest)) < statSync(built).mtimeMs) return;
	console.log('Building ...');
	run('npx', ['vite', 'build', '--logLevel', 'warn'], {
		failure: 'The build failed; the message above says where.'
	});
}

/**
 * @param {string} path file or folder
 * @returns {number} when it, or anything in it, was last changed, ms
 */
function newest(path) {
	const stat = statSync(path);
	if (!stat.isDirectory()) return stat.mtimeMs;
	return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
