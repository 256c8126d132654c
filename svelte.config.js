import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	kit: {
		adapter: adapter({ pages: 'build', assets: 'build', strict: true }),
		alias: { $shaders: 'shaders' },
		typescript: {
			config: (config) => {
				config.include.push(
					'../tests/**/*.ts',
					'../scripts/**/*.mjs',
					'../scripts/**/*.ts',
					'../bench/**/*.ts',
					'../takes/**/*.ts',
					'../*.config.*'
				);
				return config;
			}
		}
	}
};
