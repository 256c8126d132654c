/**
 * A server of models on another origin: it allows every page to read (CORS), answers ranges, and can be told to hold its
 * breath in the middle of the weights.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const FOLDER = 'static/models/kqv-small';
const PIECE = 200_000;

export interface ModelServer {
	/** address of the folder */
	readonly address: string;
	/** "file" or "file bytes=…" of every request */
	readonly requests: string[];
	/** Weights stop after so many bytes, until `goOn`. */
	holdAfter(bytes: number): void;
	goOn(): void;
	/** `config.json` and `instrument.json` as they are answered; null: there is none */
	replace(file: string, change: ((json: Record<string, unknown>) => unknown) | null): void;
	close(): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
	const requests: string[] = [];
	const replaced = new Map<string, ((json: Record<string, unknown>) => unknown) | null>();
	let heldAfter = Infinity;
	let release = () => {};
	let released = Promise.resolve();

	async function send(response: ServerResponse, bytes: Buffer, start: number): Promise<void> {
		for (let at = start; at < bytes.byteLength && !response.destroyed; at += PIECE) {
			if (at >= heldAfter) await released;
			response.write(bytes.subarray(at, at + PIECE));
		}
		response.end();
	}

	async function contentOf(file: string): Promise<Buffer | null> {
		const change = replaced.get(file);
		if (change === null) return null;
		const bytes = await readFile(`${FOLDER}/${file}`).catch(() => null);
		if (!bytes || !change) return bytes;
		return Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString()) as never)));
	}

	const server = createServer((request, response) => {
		const file = request.url?.split('/').at(-1) ?? '';
		const { range } = request.headers;
		requests.push([file, range].filter(Boolean).join(' '));
		void contentOf(file).then((bytes) => {
			response.setHeader('Access-Control-Allow-Origin', '*');
			if (!bytes) {
				response.statusCode = 404;
				response.end();
				return;
			}
			const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
			if (range) {
				const last = bytes.byteLength - 1;
				response.statusCode = 206;
				response.setHeader('Content-Range', `bytes ${start}-${last}/${bytes.byteLength}`);
			}
			response.setHeader('Content-Length', bytes.byteLength - start);
			response.setHeader('Last-Modified', new Date(1e12).toUTCString());
			response.flushHeaders();
			void send(response, bytes, start);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		address: `http://127.0.0.1:${port}/published/tiny`,
		requests,
		holdAfter(bytes) {
			heldAfter = bytes;
			released = new Promise((resolve) => (release = resolve));
		},
		goOn() {
			heldAfter = Infinity;
			release();
		},
		replace: (file, change) => void replaced.set(file, change),
		async close() {
			release();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}
