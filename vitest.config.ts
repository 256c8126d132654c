/** Three projects: `unit` in Node, `gpu` in Node on Dawn (a process per file), `audio` in headless Chromium. */
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs';

const alias = {
	$shaders: fileURLToPath(new URL('shaders', import.meta.url)),
	$lib: fileURLToPath(new URL('src/lib', import.meta.url))
};
const executablePath = findChromium();

export default defineConfig({
	resolve: { alias },
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					include: ['tests/unit/**/*.test.ts'],
					environment: 'node',
					// Modules that hold no state need no process of their own: starting one for each file took most of the time.
					isolate: false,
					unstubGlobals: true,
					testTimeout: 60_000
				}
			},
			{
				extends: true,
				test: {
					name: 'gpu',
					include: ['tests/gpu/**/*.test.ts'],
					environment: 'node',
					pool: 'forks',
					isolate: true,
					fileParallelism: false,
					testTimeout: 300_000,
					hookTimeout: 120_000
				}
			},
			{
				extends: true,
				test: {
					name: 'audio',
					include: ['tests/audio/**/*.test.ts'],
					testTimeout: 120_000,
					fileParallelism: false,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({
							launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath && { executablePath }) }
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
