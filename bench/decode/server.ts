/** Serves the page of the benchmark, the peers' packages untouched, exports made on the fly, and the truths. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import type { Plugin } from 'vite';
import { root, startPageServer, type PageServer } from '../pageServer';
import { exportOnnx } from './onnxExport';
import { shippedFiles } from './shippedFiles';
import { SIZE_NAMES, sizedModel, type SizeName } from './sizes';

const PACKAGES = {
	'/peers/ort': 'node_modules/onnxruntime-web/dist',
	'/peers/transformers': 'bench/node_modules/@huggingface/transformers/dist',
	'/peers/transformers-ort': 'bench/node_modules/onnxruntime-web/dist',
	'/peers/onnxruntime-common': 'bench/node_modules/onnxruntime-common/dist/esm',
	'/peers/jax': 'bench/node_modules/@jax-js/jax/dist'
};

/** `truths` are the files by size, filled while the benchmark goes on. */
export function startServer(truths: ReadonlyMap<SizeName, string>): Promise<PageServer> {
	return startPageServer('bench/decode/page.html', { plugins: [benchFiles(truths)] });
}

function benchFiles(truths: ReadonlyMap<SizeName, string>): Plugin {
	return {
		name: 'benchmark-files',
		configureServer({ middlewares }) {
			for (const [path, folder] of Object.entries(PACKAGES)) {
				middlewares.use(path, sirv(root + folder));
			}
			middlewares.use('/truth', (request, response, next) => {
				const file = truths.get(request.url!.slice(1) as SizeName);
				if (!file) return next();
				sirv(file.slice(0, file.lastIndexOf('/')))(
					Object.assign(request, { url: file.slice(file.lastIndexOf('/')) }),
					response,
					next
				);
			});
			middlewares.use('/exports', (request, response, next) => {
				serveExport(request, response).then((served) => served || next(), next);
			});
		}
	};
}

/** `/size/config.json`, `/size/onnx/model.onnx` and `/size/onnx/model.onnx_data`. */
async function serveExport(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
	const [, name = '', ...rest] = new URL(request.url!, 'http://localhost').pathname.split('/');
	const size = SIZE_NAMES.find((known) => known === name);
	if (!size) return false;
	const model = await sizedModel(size, shippedFiles);
	if (rest.join('/') === 'config.json') {
		response.setHeader('Content-Type', 'application/json');
		response.end(JSON.stringify(model.json));
		return true;
	}
	const { graph, dataBytes, data } = await exportOnnx(model);
	response.setHeader('Content-Type', 'application/octet-stream');
	switch (rest.join('/')) {
		case 'onnx/model.onnx':
			response.setHeader('Content-Length', graph.length);
			response.end(graph);
			return true;
		case 'onnx/model.onnx_data':
			response.setHeader('Content-Length', dataBytes);
			if (request.method !== 'HEAD') {
				for await (const piece of data()) {
					if (!response.write(piece)) await new Promise((resume) => response.once('drain', resume));
				}
			}
			response.end();
			return true;
		default:
			return false;
	}
}
