// `npm start`: installs what is missing, builds, serves build/ with the headers of a cross-origin isolated page, and
// opens the browser. Options: --port 4173, --host localhost, --no-open.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, fail } from './install.mjs';

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: process.env.PORT ?? '4173' },
		host: { type: 'string', default: 'localhost' },
		'no-open': { type: 'boolean', default: false }
	}
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
	fail(`--port takes a number from 0 to 65535, not "${values.port}".`);
}

ensureInstalled();
ensureBuilt();

const { default: sirv } = await import('sirv');
const files = sirv('build', {
	etag: true,
	setHeaders(response) {
		response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
		response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
	}
});
const server = createServer((request, response) => {
	files(request, response, () => {
		response.statusCode = 404;
		response.setHeader('Content-Type', 'text/plain; charset=utf-8');
		response.end('There is no such page here.\n');
	});
});
server.on('error', (error) => {
	if ('code' in error && error.code === 'EADDRINUSE') {
		fail(
			`Port ${port} is taken by another program (or another Key Query Voice). Close it, or choose another port: npm start -- --port ${port + 1}`
		);
	}
	fail(`The server could not start: ${error.message}`);
});
server.listen(port, values.host, async () => {
	const address = server.address();
	const url = `http://${values.host}:${typeof address === 'object' && address ? address.port : port}`;
	console.log(`Key Query Voice is at ${url} (Ctrl+C to stop)`);
	const display =
		process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
	if (values['no-open'] || process.env.CI || !display) return;
	const { default: open } = await import('open');
	await open(url).catch(() =>
		console.log('Open it in a browser; none could be started from here.')
	);
});
