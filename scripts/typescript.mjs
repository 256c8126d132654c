// Runs a TypeScript program of this repository in Node: Vite compiles what it imports, as for the page and the tests.
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Calls the `main` that a file exports, and ends the process with it: Dawn and the worker threads of WebAssembly would
 * keep it alive.
 * @param {string} file from the root of the repository
 * @param {string[]} argv
 * @returns {Promise<never>}
 */
export async function runTypescript(file, argv) {
	const server = await createServer({
		configFile: false,
		root,
		appType: 'custom',
		logLevel: 'error',
		cacheDir: 'node_modules/.vite-bench',
		resolve: { alias: { $lib: `${root}src/lib`, $shaders: `${root}shaders` } },
		optimizeDeps: { noDiscovery: true },
		server: { middlewareMode: true, hmr: false, ws: false, watch: null }
	});
	const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
	const { main } = await runner.import(root + file);
	await main(argv);
	process.exit();
}
