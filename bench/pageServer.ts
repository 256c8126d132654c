/** Serves a page of a tool: TypeScript as Vite compiles it, the site's own files, and isolation as on the site. */
import { fileURLToPath } from 'node:url';
import { createServer, type Plugin } from 'vite';

export interface PageServer {
	/** of the page */
	readonly url: string;
	close(): Promise<void>;
}

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Tone.js as the voices import it. */
export const TONE = ['tone/build/esm/classes.js', 'tone/build/esm/core/Global.js'];

export interface PageServerOptions {
	readonly plugins?: readonly Plugin[];
	/** packages that a browser can't import as they are */
	readonly bundled?: readonly string[];
}

/** `page` is an HTML file, from the root of the repository. */
export async function startPageServer(
	page: string,
	{ plugins = [], bundled = [] }: PageServerOptions = {}
): Promise<PageServer> {
	const server = await createServer({
		configFile: false,
		root,
		cacheDir: `node_modules/.vite-bench${bundled.length ? '-bundled' : ''}`,
		publicDir: 'static',
		appType: 'mpa',
		logLevel: 'error',
		resolve: { alias: { $lib: `${root}src/lib`, $shaders: `${root}shaders` } },
		worker: { format: 'es' },
		optimizeDeps: { noDiscovery: true, include: [...bundled] },
		server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
		plugins: [isolation(), ...plugins]
	});
	await server.listen();
	const address = server.httpServer!.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	return { url: `http://127.0.0.1:${port}/${page}`, close: () => server.close() };
}

function isolation(): Plugin {
	return {
		name: 'isolation',
		configureServer({ middlewares }) {
			middlewares.use((_request, response, next) => {
				response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
				response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
				response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
				next();
			});
		}
	};
}
