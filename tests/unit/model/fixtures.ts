/**
 * The decoder fixtures that PyTorch wrote (training/kqv_training/fixtures.py and family_fixtures.py), and the shipped model,
 * from disk.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseModelConfig, type ModelConfig } from '../../../src/lib/model/config';
import { memoryFile, type ModelFolder } from '../../../src/lib/model/files';
import { readTensors } from '../../../src/lib/model/shards';
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

/** What `transformers` computes with one of the tiny random models of the families, in f32. */
export interface FamilyExpectation {
	/** the prompt, longer than every window but shorter than the positions */
	tokens: number[];
	/** [last 4 positions of the prompt][vocabulary] */
	logits: number[][];
	/** of some queries of the prompt; weights are [layers][heads][keys 0..query], zero outside of the window */
	attention: { query: number; weights: number[][][] }[];
	/** after each layer, [layers][positions of the prompt] */
	residualNorms: number[][];
	/** the 256 tokens that greedy decoding appends to the prompt */
	greedy: number[];
}

export interface FamilyFixture extends Model {
	name: string;
	expected: FamilyExpectation;
}

/** The folders of FIXTURE_FOLDER with one model of each family. */
export const FAMILY_NAMES = [
	'gpt2',
	'llama',
	'llama-sharded',
	'gemma3',
	'phi3',
	'qwen2',
	'qwen3'
] as const;

/** One of FAMILY_NAMES. */
export async function familyFixture(name: string): Promise<FamilyFixture> {
	const folder = `${FIXTURE_FOLDER}/${name}`;
	const expected = readJson(`${folder}/expected.json`) as FamilyExpectation;
	return { name, ...(await modelIn(folder)), expected };
}

/** All of FAMILY_NAMES. */
export function familyFixtures(): Promise<FamilyFixture[]> {
	return Promise.all(FAMILY_NAMES.map(familyFixture));
}

/** The model in a folder. Throws a ModelFileError when it can't be used. */
export async function modelIn(folder: string): Promise<Model> {
	const config = parseModelConfig(readJson(`${folder}/config.json`));
	return { config, weights: readWeights(await readTensors(folderOnDisk(folder)), config) };
}

/** A folder whose files are read as a whole when they are opened. */
export function folderOnDisk(folder: string): ModelFolder {
	return {
		name: folder,
		async open(name) {
			const path = `${folder}/${name}`;
			return existsSync(path) ? memoryFile(name, Uint8Array.from(readFileSync(path))) : null;
		}
	};
}

export function readJson(path: string): unknown {
	return JSON.parse(readFileSync(path, 'utf8'));
}

export function hasFile(path: string): boolean {
	return existsSync(path);
}
