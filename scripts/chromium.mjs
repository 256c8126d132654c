// Where the tests find a Chromium, and the flags that make it work headless, as root and without a GPU or sound card.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fail, run } from './install.mjs';

export const CHROMIUM_FLAGS = [
	'--no-sandbox',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--autoplay-policy=no-user-gesture-required',
	'--enable-unsafe-webgpu',
	'--use-webgpu-adapter=swiftshader'
];

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const SYSTEM_PATHS = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
];

/**
 * The Chromium to test with: KQV_CHROMIUM, then a system Chromium or Chrome, then Playwright's own download.
 * @returns {string | undefined} a path, or undefined when there is none
 */
export function findChromium() {
	const explicit = process.env.KQV_CHROMIUM;
	if (explicit) {
		if (existsSync(explicit)) return explicit;
		throw new Error(`KQV_CHROMIUM names ${explicit}, but there is no such file.`);
	}
	for (const name of SYSTEM_NAMES) {
		try {
			const path = execFileSync('which', [name], { stdio: ['ignore', 'pipe', 'ignore'] });
			return path.toString().trim();
		} catch {
			continue; // not on this machine: try the next name
		}
	}
	const installed = SYSTEM_PATHS.find((path) => existsSync(path));
	if (installed) return installed;
	const { chromium } = createRequire(import.meta.url)('playwright');
	const downloaded = chromium.executablePath();
	return existsSync(downloaded) ? downloaded : undefined;
}

/** Makes sure that there is a Chromium: Playwright's download first, then apt as root. Ends the process when none can be had. */
export function ensureChromium() {
	if (findChromium()) return;
	console.log('No Chromium or Chrome found; getting one ...');
	if (run('npx', ['playwright', 'install', 'chromium']) && findChromium()) return;
	if (process.platform === 'linux' && process.getuid?.() === 0) {
		run('apt-get', ['update']);
		run('apt-get', ['install', '-y', 'chromium']);
		if (findChromium()) return;
	}
	fail(
		'The tests need Chromium or Chrome and none could be installed. Install one, or name it: KQV_CHROMIUM=/path/to/chromium npm test'
	);
}
