// `npm run bench:decode`: decoding speed of our engines and of peers, on one machine with the same weights; bench/README.md
// tells how. The rest is TypeScript, which Vite runs. With --job, this is a process that does one piece of it.
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
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
const isJob = process.argv[2] === '--job';
const { main } = await runner.import(`${root}bench/decode/${isJob ? 'nodeJob.ts' : 'main.ts'}`);
await main(process.argv.slice(isJob ? 3 : 2));
// Dawn and the worker threads of WebAssembly would keep the process alive
process.exit();
