/** The decoder fixtures that PyTorch wrote (training/kqv_training/fixtures.py), and the shipped model, from disk. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseModelConfig, type ModelConfig } from '../../../src/lib/model/config';
import { readSafetensors } from '../../../src/lib/model/safetensors';
import { readWeights, type ModelWeights } from '../../../src/lib/model/weights';

export interface Model {
	config: ModelConfig;
	weights: ModelWeights;
}

/** Of a whole sequence. */
export interface TinyExpectation {
	tokens: number[];
	/** [positions][vocabulary] */
	logits: number[][];
	/** [layers][heads][queries][keys up to the query] */
	attention: number[][][][];
	/** [layers][positions] */
	residualNorms: number[][];
}

/** Of the end of a sequence. */
export interface ShippedExpectation {
	tokens: number[];
	/** [last 4 positions][vocabulary] */
	logits: number[][];
	/** of the last query, [layers][heads][keys] */
	attention: number[][][];
	/** after each layer at the last position */
	residualNorms: number[];
}

const repository = fileURLToPath(new URL('../../../', import.meta.url));
export const SHIPPED_FOLDER = `${repository}static/models/kqv-small`;
export const FIXTURE_FOLDER = `${repository}tests/fixtures/decoder`;

/** The model in a folder. Throws a ModelFileError when it can't be used. */
export function modelIn(folder: string): Model {
	const config = parseModelConfig(readJson(`${folder}/config.json`));
	const bytes = Uint8Array.from(readFileSync(`${folder}/model.safetensors`));
	return { config, weights: readWeights(readSafetensors(bytes.buffer, folder), config) };
}

export function readJson(path: string): unknown {
	return JSON.parse(readFileSync(path, 'utf8'));
}

export function hasFile(path: string): boolean {
	return existsSync(path);
}
