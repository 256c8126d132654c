/**
 * The forward pass of one decoder: runs some tokens through the graph, keeps their keys and values, writes their frames and
 * records what the inspector shows. Everything between two runs happens here at once, so decoders can share a workspace.
 */
import type { Recordings } from '../recordings';
import { hoyerSparsity, norm } from '../reference/linear';
import { writeRotation } from '../rotary';
import { LAYER_BLOCK, TOP, frameLayout } from '../tokenFrame';
import type { FrameWords } from '../writeFrame';
import { windowsOf } from './decoderGraph';
import { describeAttention } from './describeAttention';
import { eachStretch, runSizes, slotsFor, writeMask, type KeyValueCache } from './keyValueCache';
import type { SharedModel } from './sharedModel';
import type { RunTensors } from './workspace';

export interface ForwardPass {
	/**
	 * Runs tokens (at most `tokensPerRun`) behind those that ran before, and returns the logits [tokens × vocabulary], which
	 * the next run of any decoder overwrites. Head and layer blocks of their `frames`, where there are any, are written.
	 */
	run(tokens: readonly number[], frames: readonly FrameWords[] | null): Float32Array;
}

/** `recordings` are filled where they are given. */
export function createForwardPass(
	{ config, graph, session, weights, workspace }: SharedModel,
	cache: KeyValueCache,
	recordings: Recordings | null
): ForwardPass {
	const { hiddenSize, heads, keyValueHeads, headSize, intermediateSize } = config;
	const queries = heads * headSize;
	const keys = keyValueHeads * headSize;
	const windows = windowsOf(config);
	const layout = frameLayout(config.layers, heads);
	const rotation = new Float64Array(headSize);
	const normalizers = new Float32Array(heads);
	const largest = new Uint32Array(TOP);
	const scores = new Float32Array(config.window);
	const attention = new Float32Array(config.window);
	/** where heads report when nobody wants to hear */
	const unread: FrameWords = {
		words: new Uint32Array(layout.headStride),
		floats: new Float32Array(layout.headStride)
	};

	function writeInputs(tokens: readonly number[], tensors: RunTensors): void {
		const { run } = cache;
		const residual = tensors.floats('residual');
		tokens.forEach((token, i) => {
			const row = residual.subarray(i * hiddenSize, (i + 1) * hiddenSize);
			weights.embed(token, row);
			const learned = (run + i) * hiddenSize;
			for (let c = 0; c < hiddenSize; c++) {
				row[c] = row[c]! * config.embeddingScale + (weights.positions?.[learned + c] ?? 0);
			}
			recordings?.recordResidual(0, run + i, row);
		});
		config.rotations.forEach((turn, kind) => {
			const cosine = tensors.floats(`cosine ${kind}`);
			const sine = tensors.floats(`sine ${kind}`);
			const half = headSize / 2;
			for (let i = 0; i < tokens.length; i++) {
				writeRotation(turn, run + i, rotation);
				for (let j = 0; j < half; j++) {
					cosine[i * half + j] = rotation[2 * j]!;
					sine[i * half + j] = rotation[2 * j + 1]!;
				}
			}
		});
		windows.forEach((window, kind) => {
			const slots = slotsFor(window, run);
			writeMask(tensors.floats(`mask ${kind}`), window, slots, run, tokens.length);
			tensors.integers(`sizes ${kind}`).set([BigInt(slots), BigInt(tokens.length)]);
		});
	}

	/** Keeps keys and values of `count` new positions of a layer. */
	function keep(layer: number, count: number, tensors: RunTensors): void {
		const { queriesKeys, values } = graph.layers[layer]!;
		const turned = tensors.floats(queriesKeys);
		const given = tensors.floats(values);
		for (let i = 0; i < count; i++) {
			const at = i * (queries + keys) + queries;
			cache.append(
				layer,
				cache.run + i,
				turned.subarray(at, at + keys),
				given.subarray(i * keys, (i + 1) * keys)
			);
		}
	}

	/** Collects scores and weights of a head for new token `i`, in order of position. Returns how many there are. */
	function collect(
		window: number,
		head: number,
		i: number,
		count: number,
		allScores: Float32Array,
		allWeights: Float32Array
	): number {
		const { run } = cache;
		const slots = slotsFor(window, run);
		const row = (head * count + i) * (slots + count);
		const oldest = Math.max(0, run + i - window + 1);
		let visible = 0;
		const take = (from: number, length: number) => {
			scores.set(allScores.subarray(row + from, row + from + length), visible);
			attention.set(allWeights.subarray(row + from, row + from + length), visible);
			visible += length;
		};
		eachStretch(window, oldest, run, take);
		const firstNew = Math.max(0, oldest - run);
		take(slots + firstNew, i + 1 - firstNew);
		return visible;
	}

	function reportAttention(
		layer: number,
		count: number,
		tensors: RunTensors,
		frames: readonly FrameWords[] | null
	): void {
		const names = graph.layers[layer]!;
		const window = config.layerWindows[layer]!;
		const allScores = tensors.floats(names.scores);
		const allWeights = tensors.floats(names.attention);
		const turned = tensors.floats(names.queriesKeys);
		for (let i = 0; i < count; i++) {
			const position = cache.run + i;
			for (let head = 0; head < heads; head++) {
				const visible = collect(window, head, i, count, allScores, allWeights);
				normalizers[head] = describeAttention(
					scores,
					attention,
					visible,
					position + 1 - visible,
					frames?.[i] ?? unread,
					frames ? layout.headBlocks + (layer * heads + head) * layout.headStride : 0,
					largest
				);
			}
			const at = i * (queries + keys);
			recordings?.recordQuery(layer, position, turned.subarray(at, at + queries), normalizers);
		}
	}

	function reportLayer(
		layer: number,
		count: number,
		tensors: RunTensors,
		frames: readonly FrameWords[] | null
	): void {
		const names = graph.layers[layer]!;
		const block = layout.layerBlocks + layer * layout.layerStride;
		const rowOf = (name: string, i: number, width: number) =>
			tensors.floats(name).subarray(i * width, (i + 1) * width);
		for (let i = 0; i < count; i++) {
			const residual = rowOf(names.residual, i, hiddenSize);
			recordings?.recordResidual(layer + 1, cache.run + i, residual);
			const frame = frames?.[i];
			if (!frame) continue;
			const { floats } = frame;
			floats[block + LAYER_BLOCK.residualNorm] = norm(residual);
			floats[block + LAYER_BLOCK.attentionUpdateNorm] = norm(
				rowOf(names.attentionUpdate, i, hiddenSize)
			);
			floats[block + LAYER_BLOCK.mlpUpdateNorm] = norm(rowOf(names.mlpUpdate, i, hiddenSize));
			floats[block + LAYER_BLOCK.mlpSparsity] = hoyerSparsity(
				rowOf(names.hidden, i, intermediateSize)
			);
		}
	}

	return {
		run(tokens, frames) {
			const count = tokens.length;
			const tensors = workspace.tensors(runSizes(config, cache.run, count));
			writeInputs(tokens, tensors);
			session.run([...tensors.inputs, ...weights.tensors, ...cache.tensors()], tensors.outputs);
			for (let layer = 0; layer < config.layers; layer++) {
				keep(layer, count, tensors);
				if (frames || recordings) {
					reportAttention(layer, count, tensors, frames);
					reportLayer(layer, count, tensors, frames);
				}
			}
			cache.advance(count);
			return tensors.floats(graph.logits);
		}
	};
}
