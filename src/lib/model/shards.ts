/**
 * Finds the weights of a model in its folder: `model.safetensors`, or `model.safetensors.index.json`, which says in which of
 * several files each tensor lies. Format of the index: https://huggingface.co/docs/transformers/big_models, "Sharding".
 */
import type { ModelFile, ModelFolder } from './files';
import { jsonObject, shown } from './jsonEntries';
import { ModelFileError } from './modelFileError';
import { readSafetensors, type ShapedTensorSet, type TensorSet } from './safetensors';

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** An index takes some hundred bytes a tensor. */
const LARGEST_INDEX_BYTES = 2 ** 24;
const MOST_SHARDS = 1024;

/**
 * The headers of all weight files, checked. Throws a ModelFileError that says which file is missing or broken, and the
 * folder's errors.
 */
export async function readTensors(folder: ModelFolder): Promise<ShapedTensorSet> {
	const whole = await folder.open(WHOLE);
	if (whole) return readSafetensors(whole);
	const index = await folder.open(INDEX);
	if (index) return readShards(folder, await readIndex(index));
	throw new ModelFileError(
		`The model can't be used: ${folder.name} has neither ${WHOLE} nor ${INDEX}, the two names under which weights are looked for. Choose a folder that holds one of them; a model published as .bin or .gguf has to be converted first.`
	);
}

/** The shard of each tensor, by the tensor's name. */
async function readIndex(index: ModelFile): Promise<ReadonlyMap<string, string>> {
	if (index.size > LARGEST_INDEX_BYTES) throw broken(`it is ${index.size} bytes long`);
	const bytes = await index.read(0, index.size);
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (error) {
		throw broken('there is no JSON', error);
	}
	const { weight_map: map } = jsonObject(json, INDEX);
	const shards = new Map<string, string>();
	for (const [tensor, shard] of Object.entries(jsonObject(map, `"weight_map" of ${INDEX}`))) {
		if (!isShardName(shard)) {
			throw broken(
				`the tensor ${shown(tensor)} lies in ${shown(shard)}, which is no name of a safetensors file in the same folder`
			);
		}
		shards.set(tensor, shard);
	}
	if (new Set(shards.values()).size > MOST_SHARDS) {
		throw broken(`it names more than ${MOST_SHARDS} files`);
	}
	return shards;
}

async function readShards(
	folder: ModelFolder,
	shardOf: ReadonlyMap<string, string>
): Promise<ShapedTensorSet> {
	const shards = new Map<string, ShapedTensorSet>();
	for (const name of new Set(shardOf.values())) {
		const file = await folder.open(name);
		if (!file) {
			throw new ModelFileError(
				`The model can't be used: ${folder.name} has no ${name}, one of the files that ${INDEX} names. Download that file too.`
			);
		}
		shards.set(name, await readSafetensors(file));
	}
	requireAgreement(shardOf, shards);
	return {
		names: [...shardOf.keys()],
		shapeOf: (name) => shards.get(shardOf.get(name) ?? '')?.shapeOf(name) ?? null,
		tensor(name, shape) {
			const shard = shards.get(shardOf.get(name) ?? '');
			if (!shard) throw broken(`the tensor ${shown(name)} is missing`);
			return shard.tensor(name, shape);
		}
	};
}

/** Each tensor must lie where the index says. */
function requireAgreement(
	shardOf: ReadonlyMap<string, string>,
	shards: ReadonlyMap<string, TensorSet>
): void {
	const held = new Map([...shards].map(([name, { names }]) => [name, new Set(names)]));
	for (const [tensor, shard] of shardOf) {
		if (!held.get(shard)?.has(tensor)) {
			throw broken(`the tensor ${shown(tensor)} should lie in ${shard}, and does not`);
		}
	}
}

/** A plain file name: nothing that leads out of the folder. */
function isShardName(value: unknown): value is string {
	return typeof value === 'string' && /^[\w-][\w.-]{0,200}\.safetensors$/.test(value);
}

function broken(reason: string, cause?: unknown): ModelFileError {
	return new ModelFileError(
		`The model can't be used: in ${INDEX}, ${reason}. Download the model again, or choose another.`,
		{ cause }
	);
}
