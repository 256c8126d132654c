// Lint rules, the import boundaries of the house among them: a room may import the rooms listed beside it, nothing else.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * Rooms of src/lib, what each may import of the others, and whether it is pure (no browser, no GPU).
 * @type {Record<string, { imports: string[], pure?: boolean }>}
 */
const ROOMS = {
	gpu: { imports: [] },
	model: { imports: ['gpu'] },
	linalg: { imports: ['gpu'] },
	music: { imports: ['model/tokenGrammar'], pure: true },
	generate: { imports: ['gpu', 'linalg/slidingSvd', 'linalg/svdError', 'model', 'music'] },
	inside: { imports: ['generate', 'model', 'music'] },
	weights: { imports: ['generate', 'gpu', 'linalg', 'model', 'sonify'] },
	signals: {
		imports: ['controls/parameters', 'model/residualFrame', 'model/tokenFrame', 'music'],
		pure: true
	},
	sonify: { imports: ['music'], pure: true },
	clock: { imports: ['music'], pure: true },
	voices: { imports: ['clock', 'controls/parameters', 'music', 'instrumentHandle'] },
	midi: { imports: ['clock', 'controls/parameters', 'music', 'instrumentHandle'] },
	views: {
		imports: [
			'controls',
			'model/inspector',
			'model/residualFrame',
			'model/sources/droppedFolder',
			'model/tokenFrame',
			'music',
			'signals',
			'instrumentHandle',
			'generate/protocol',
			'inside/insideClient',
			'inside/protocol',
			'sonify',
			'weights/weightsClient',
			'weights/protocol'
		]
	},
	controls: { imports: ['views', 'music', 'instrumentHandle', 'generate/protocol'] },
	session: {
		imports: ['clock/voice', 'controls', 'music', 'instrumentHandle', 'generate', 'sonify']
	}
};

/**
 * Packages that live in these rooms alone.
 * @type {Record<string, string[]>}
 */
const PACKAGE_ROOMS = {
	tone: ['voices'],
	webmidi: ['midi'],
	'onnxruntime-web': ['model'],
	pbf: ['model'],
	'idb-keyval': ['model'],
	'@noble/hashes': ['model'],
	'@huggingface/tokenizers': ['inside'],
	'@tonejs/midi': ['session'],
	svelte: ['views', 'controls']
};

const BROWSER_GLOBALS = [
	'window',
	'document',
	'navigator',
	'localStorage',
	'GPUDevice',
	'AudioContext'
];

/**
 * The boundaries of one room as a lint configuration.
 * @param {[string, { imports: string[], pure?: boolean }]} entry
 * @returns {import('eslint').Linter.Config}
 */
function boundaries([room, { imports, pure = false }]) {
	const others = Object.keys(ROOMS).filter((other) => other !== room && !imports.includes(other));
	const patterns = others.map((other) => {
		const files = imports
			.filter((allowed) => allowed.startsWith(`${other}/`))
			.map((allowed) => allowed.slice(other.length + 1));
		const exception = files.length ? `(?!(${files.join('|')})$)` : '';
		return {
			regex: `(^\\$lib/|^(\\.\\./)+)${other}/${exception}`,
			message: `${room} does not import ${other}: see the rooms in eslint.config.js.`
		};
	});
	for (const [name, rooms] of Object.entries(PACKAGE_ROOMS)) {
		if (rooms.includes(room)) continue;
		patterns.push({
			regex: `^${name}(/|$)`,
			message: `Only ${rooms.join(' and ')} import ${name}.`
		});
	}
	return {
		files: [`src/lib/${room}/**/*.{ts,svelte}`],
		rules: {
			'@typescript-eslint/no-restricted-imports': ['error', { patterns }],
			...(pure && {
				'no-restricted-globals': [
					'error',
					...BROWSER_GLOBALS.map((name) => ({
						name,
						message: `${room} is pure: it runs in Node, a worker or a page alike.`
					}))
				]
			})
		}
	};
}

export default defineConfig(
	{
		ignores: [
			'build/',
			'.svelte-kit/',
			'node_modules/',
			'training/',
			'test-results/',
			'playwright-report/'
		]
	},
	js.configs.recommended,
	...ts.configs.strict,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-undef': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/restrict-template-expressions': 'off',
			'svelte/no-navigation-without-resolve': 'off'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }
		}
	},
	...Object.entries(ROOMS).map(boundaries),
	{
		files: ['src/lib/clock/ticker.ts', 'src/lib/clock/tick.worker.ts'],
		rules: { 'no-restricted-globals': 'off' }
	}
);
