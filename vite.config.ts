import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vite';

/** SharedArrayBuffer and precise timers need a cross-origin isolated page; every server of ours sends these. */
export const ISOLATION_HEADERS = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp'
};

function isolation(): Plugin {
	return {
		name: 'cross-origin-isolation',
		configureServer(server) {
			server.middlewares.use((_request, response, next) => {
				for (const [name, value] of Object.entries(ISOLATION_HEADERS))
					response.setHeader(name, value);
				next();
			});
		}
	};
}

export default defineConfig({
	plugins: [isolation(), sveltekit()],
	worker: { format: 'es' },
	build: { target: 'es2022', chunkSizeWarningLimit: 1024 },
	server: { fs: { allow: ['shaders'] } }
});
