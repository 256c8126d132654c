/** End-to-end tests: the built site, served as `npm start` serves it, in headless Chromium with emulated WebGPU. */
import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs';

const PORT = 4199;
const executablePath = findChromium();

function launch(args: string[]) {
	return { args, ...(executablePath && { executablePath }) };
}

export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '**/*.test.ts',
	outputDir: 'test-results/e2e',
	workers: 1,
	timeout: 240_000,
	// Music in real time on shared cores: a test may have two more tries, and is then reported as flaky.
	retries: 2,
	forbidOnly: Boolean(process.env.CI),
	reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
	use: { baseURL: `http://localhost:${PORT}` },
	projects: [
		{ name: 'webgpu', use: { launchOptions: launch(CHROMIUM_FLAGS) } },
		{
			name: 'without webgpu',
			testMatch: '**/plays.test.ts',
			use: {
				launchOptions: launch([
					...CHROMIUM_FLAGS.filter((flag) => !flag.includes('webgpu')),
					'--disable-features=WebGPUService,WebGPU'
				])
			}
		}
	],
	webServer: {
		command: `node scripts/start.mjs --port ${PORT} --no-open`,
		url: `http://localhost:${PORT}`,
		timeout: 180_000
	}
});
