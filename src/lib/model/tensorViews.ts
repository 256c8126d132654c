/** Tensors, and parts of tensors, as the matrices and vectors of weights.ts. Nothing is read until somebody asks. */
import { toFloat32, toHalfBits } from './numberFormats';
import { bytesOf, type Tensor } from './safetensors';
import type { Matrix, Vector } from './weights';

/** Rows `from` .. `to` (exclusive, default all) of a tensor [rows × columns]. */
export function matrix(tensor: Tensor, from = 0, to = tensor.shape[0] ?? 0): Matrix {
	const columns = tensor.shape[1] ?? 0;
	const rows = to - from;
	const read = (first: number, end: number) =>
		tensor.read((from + first) * columns, (from + end) * columns);
	return {
		name: tensor.name,
		rows,
		columns,
		floats: async (first = 0, end = rows) => toFloat32(tensor, await read(first, end)),
		halves: async (first = 0, end = rows) => toHalfBits(tensor, await read(first, end))
	};
}

/** Bytes of a stored tensor that are turned around at a time. */
const TRANSPOSED_BYTES = 2 ** 21;

/**
 * The transpose of columns `from` .. `to` (exclusive, default all) of a tensor [inputs × outputs]: a matrix
 * [(to - from) × inputs]. Any range of its rows takes a pass over the whole tensor, so ask for many at once.
 */
export function transposed(tensor: Tensor, from = 0, to = tensor.shape[1] ?? 0): Matrix {
	const [inputs = 0, outputs = 0] = tensor.shape;
	const rows = to - from;
	const inputsAtOnce = Math.max(1, Math.floor(TRANSPOSED_BYTES / (outputs * bytesOf(tensor.type))));

	async function gather<T extends Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
		first: number,
		end: number,
		target: T,
		convert: (tensor: Tensor, bytes: Uint8Array<ArrayBuffer>) => T
	): Promise<T> {
		for (let input = 0; input < inputs; input += inputsAtOnce) {
			const count = Math.min(inputsAtOnce, inputs - input);
			const block = convert(tensor, await tensor.read(input * outputs, (input + count) * outputs));
			for (let row = first; row < end; row++) {
				let to = (row - first) * inputs + input;
				let at = from + row;
				for (let i = 0; i < count; i++, at += outputs) target[to++] = block[at]!;
			}
		}
		return target;
	}

	return {
		name: tensor.name,
		rows,
		columns: inputs,
		floats: (first = 0, end = rows) =>
			gather(first, end, new Float32Array((end - first) * inputs), toFloat32),
		halves: (first = 0, end = rows) =>
			gather(first, end, new Uint16Array((end - first) * inputs), toHalfBits)
	};
}

/** Values `from` .. `to` (exclusive, default all) of a tensor of one dimension. */
export function vector(tensor: Tensor, from = 0, to = tensor.shape[0] ?? 0): Vector {
	return {
		name: tensor.name,
		size: to - from,
		floats: async () => toFloat32(tensor, await tensor.read(from, to))
	};
}

/** 1 + each value, as Gemma stores the weights of its norms. */
export function onePlus({ name, size, floats }: Vector): Vector {
	return { name, size, floats: async () => (await floats()).map((value) => 1 + value) };
}
