/**
 * Reads the safetensors format: 8 bytes of header length (little-endian), a JSON header with type, shape and byte range
 * of each tensor, then the data. Only the header is read at once; a tensor's values are read when somebody asks.
 * Format: https://huggingface.co/docs/safetensors, "Format".
 */
import type { ModelFile } from './files';
import { shown, type JsonObject } from './jsonEntries';
import { ModelFileError } from './modelFileError';

/** The number formats that weights may have. */
export type WeightType = 'F16' | 'BF16' | 'F32';

export interface Tensor {
	readonly name: string;
	readonly type: WeightType;
	readonly shape: readonly number[];
	/** the file it lies in, for errors */
	readonly file: string;
	/**
	 * Values `first` .. `end` (exclusive, default all), row-major and little-endian, at any alignment.
	 * Throws a ModelFileError when one is infinite or not a number, or the file can't be read.
	 */
	read(first?: number, end?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The tensors of a file, or of several that form one model. */
export interface TensorSet {
	readonly names: readonly string[];
	/** Throws a ModelFileError when the tensor is missing, is no weight, or has another shape. */
	tensor(name: string, shape: readonly number[]): Tensor;
}

/** Tensors whose shapes can be asked for, where no config.json says what they should be. */
export interface ShapedTensorSet extends TensorSet {
	/** null when there is no tensor of that name */
	shapeOf(name: string): readonly number[] | null;
}

/** Bytes of one value. */
export function bytesOf(type: WeightType): number {
	return type === 'F32' ? 4 : 2;
}

interface Entry {
	name: string;
	type: string;
	shape: number[];
	begin: number;
	end: number;
}

const BYTES_PER_VALUE: ReadonlyMap<unknown, number> = new Map([
	['BOOL', 1],
	['U8', 1],
	['I8', 1],
	['F8_E5M2', 1],
	['F8_E4M3', 1],
	['I16', 2],
	['U16', 2],
	['F16', 2],
	['BF16', 2],
	['I32', 4],
	['U32', 4],
	['F32', 4],
	['I64', 8],
	['U64', 8],
	['F64', 8]
]);

/** No tensor of a model has more dimensions. */
const MOST_DIMENSIONS = 8;

const LENGTH_BYTES = 8;
/** The format's own limit on the header. */
const LARGEST_HEADER = 100_000_000;

/** Reads the header of a file and checks every range in it. Throws a ModelFileError that says what is broken. */
export async function readSafetensors(source: ModelFile): Promise<ShapedTensorSet> {
	const file = source.name;
	const { header, dataStart } = await readHeader(source);
	const entries = new Map<string, Entry>();
	for (const [name, value] of Object.entries(header)) {
		if (name === '__metadata__') continue;
		entries.set(name, readEntry(name, value, file));
	}
	requireSeamless([...entries.values()], source.size - dataStart, file);
	return {
		names: [...entries.keys()],
		shapeOf: (name) => entries.get(name)?.shape ?? null,
		tensor(name, shape) {
			const entry = entries.get(name);
			if (!entry) throw broken(file, `the tensor ${shown(name)} is missing`);
			const { type } = entry;
			if (!isWeightType(type)) {
				throw broken(
					file,
					`the tensor ${shown(name)} has type ${type}, and weights must be F16, BF16 or F32`
				);
			}
			if (entry.shape.join() !== shape.join()) {
				throw broken(
					file,
					`the tensor ${shown(name)} has shape [${entry.shape.join(', ')}], but config.json says [${shape.join(', ')}]`
				);
			}
			const size = bytesOf(type);
			return {
				name,
				type,
				shape: entry.shape,
				file,
				async read(first = 0, end = (entry.end - entry.begin) / size) {
					const begin = dataStart + entry.begin;
					const bytes = await source.read(begin + first * size, begin + end * size);
					requireFinite(name, type, bytes, file);
					return bytes;
				}
			};
		}
	};
}

async function readHeader(source: ModelFile): Promise<{ header: JsonObject; dataStart: number }> {
	const file = source.name;
	if (source.size < LENGTH_BYTES) {
		throw broken(file, `it ends after ${source.size} bytes, before its header`);
	}
	const { buffer, byteOffset } = await source.read(0, LENGTH_BYTES);
	const view = new DataView(buffer, byteOffset, LENGTH_BYTES);
	const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
	if (length > LARGEST_HEADER) {
		throw broken(file, `its header claims ${length} bytes; this is no safetensors file`);
	}
	if (length > source.size - LENGTH_BYTES) {
		throw broken(
			file,
			`its header claims ${length} bytes, but only ${source.size - LENGTH_BYTES} follow`
		);
	}
	const bytes = await source.read(LENGTH_BYTES, LENGTH_BYTES + length);
	let header: unknown;
	try {
		header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (error) {
		throw broken(file, 'its header is no JSON', error);
	}
	if (typeof header !== 'object' || header === null || Array.isArray(header)) {
		throw broken(file, 'its header is no table of tensors');
	}
	return { header: header as JsonObject, dataStart: LENGTH_BYTES + length };
}

function readEntry(name: string, value: unknown, file: string): Entry {
	if (typeof value !== 'object' || value === null) {
		throw broken(file, `the header says nothing useful about the tensor ${shown(name)}`);
	}
	const { dtype, shape, data_offsets: offsets } = value as JsonObject;
	const bytesPerValue = BYTES_PER_VALUE.get(dtype);
	if (typeof dtype !== 'string' || bytesPerValue === undefined) {
		throw broken(file, `the tensor ${shown(name)} has an unknown type, ${shown(dtype)}`);
	}
	if (!isWholeNumbers(shape) || shape.length > MOST_DIMENSIONS) {
		throw broken(file, `the tensor ${shown(name)} has no valid shape`);
	}
	if (!isWholeNumbers(offsets) || offsets.length !== 2) {
		throw broken(file, `the tensor ${shown(name)} has no valid byte range`);
	}
	const [begin = 0, end = 0] = offsets;
	const expected = shape.reduce((product, size) => product * size, bytesPerValue);
	if (end - begin !== expected) {
		throw broken(
			file,
			`the tensor ${shown(name)} of shape [${shape.join(', ')}] needs ${expected} bytes, but its range holds ${end - begin}`
		);
	}
	return { name, type: dtype, shape, begin, end };
}

/** The ranges, in order, must tile the data: no overlap, no gap, nothing left over. */
function requireSeamless(entries: Entry[], dataBytes: number, file: string): void {
	entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
	let reached = 0;
	let last = '';
	for (const { name, begin, end } of entries) {
		if (end > dataBytes) {
			throw broken(
				file,
				`the tensor ${shown(name)} ends at byte ${end} of the data, but there are only ${dataBytes}`
			);
		}
		if (begin < reached)
			throw broken(file, `the tensors ${shown(last)} and ${shown(name)} overlap`);
		if (begin > reached)
			throw broken(file, `nothing claims the bytes before the tensor ${shown(name)}`);
		reached = end;
		last = name;
	}
	if (reached !== dataBytes) {
		throw broken(file, `${dataBytes - reached} bytes follow after its last tensor`);
	}
}

/** Infinities and NaN have all exponent bits set, in each of the three formats. */
function requireFinite(name: string, type: WeightType, bytes: Uint8Array, file: string): void {
	const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
	const pairs = new Uint16Array(even.buffer, even.byteOffset, Math.floor(even.byteLength / 2));
	const step = bytesOf(type) / 2;
	/** the pair of bytes that holds sign and exponent is the last of each value */
	const exponent = type === 'F16' ? 0x7c00 : 0x7f80;
	for (let i = step - 1; i < pairs.length; i += step) {
		if ((pairs[i]! & exponent) === exponent) {
			throw broken(
				file,
				`the tensor ${shown(name)} holds a value that is infinite or not a number`
			);
		}
	}
}

function isWeightType(type: string): type is WeightType {
	return type === 'F16' || type === 'BF16' || type === 'F32';
}

function isWholeNumbers(value: unknown): value is number[] {
	return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function broken(file: string, reason: string, cause?: unknown): ModelFileError {
	return new ModelFileError(
		`The model can't be used: in ${file}, ${reason}. Download it again, or choose another model.`,
		{ cause }
	);
}
