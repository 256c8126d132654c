/**
 * Reads the safetensors format: 8 bytes of header length (little-endian), a JSON header with type, shape and byte range
 * of each tensor, then the data. Tensors stay views on the file's buffer; nothing is converted here.
 * Format: https://huggingface.co/docs/safetensors, "Format".
 */
import { ModelFileError, type JsonObject } from './config';

/** The number formats that weights may have. */
export type WeightType = 'F16' | 'BF16' | 'F32';

export interface Tensor {
	readonly name: string;
	readonly type: WeightType;
	readonly shape: readonly number[];
	/** little-endian values, row-major; a view on the file, at any alignment */
	readonly bytes: Uint8Array;
	/** the file it came from, for errors */
	readonly file: string;
}

export interface SafetensorsFile {
	readonly file: string;
	readonly names: readonly string[];
	/**
	 * The tensor `name`, whose shape must be `shape` and whose values must all be finite.
	 * Throws a ModelFileError otherwise.
	 */
	tensor(name: string, shape: readonly number[]): Tensor;
}

interface Entry {
	name: string;
	type: string;
	shape: number[];
	begin: number;
	end: number;
}

const BYTES_PER_VALUE: Readonly<Record<string, number>> = {
	BOOL: 1,
	U8: 1,
	I8: 1,
	F8_E5M2: 1,
	F8_E4M3: 1,
	I16: 2,
	U16: 2,
	F16: 2,
	BF16: 2,
	I32: 4,
	U32: 4,
	F32: 4,
	I64: 8,
	U64: 8,
	F64: 8
};

const LENGTH_BYTES = 8;
/** The format's own limit on the header. */
const LARGEST_HEADER = 100_000_000;

/** Reads the header of a file and checks every range in it. Throws a ModelFileError that says what is broken. */
export function readSafetensors(buffer: ArrayBuffer, file: string): SafetensorsFile {
	const { header, dataStart } = readHeader(buffer, file);
	const entries = new Map<string, Entry>();
	for (const [name, value] of Object.entries(header)) {
		if (name === '__metadata__') continue;
		entries.set(name, readEntry(name, value, file));
	}
	requireSeamless([...entries.values()], buffer.byteLength - dataStart, file);
	return {
		file,
		names: [...entries.keys()],
		tensor(name, shape) {
			const entry = entries.get(name);
			if (!entry) throw broken(file, `the tensor "${name}" is missing`);
			if (!isWeightType(entry.type)) {
				throw broken(
					file,
					`the tensor "${name}" has type ${entry.type}, and weights must be F16, BF16 or F32`
				);
			}
			if (entry.shape.join() !== shape.join()) {
				throw broken(
					file,
					`the tensor "${name}" has shape [${entry.shape.join(', ')}], but config.json says [${shape.join(', ')}]`
				);
			}
			const bytes = new Uint8Array(buffer, dataStart + entry.begin, entry.end - entry.begin);
			requireFinite(name, entry.type, bytes, file);
			return { name, type: entry.type, shape: entry.shape, bytes, file };
		}
	};
}

function readHeader(buffer: ArrayBuffer, file: string): { header: JsonObject; dataStart: number } {
	if (buffer.byteLength < LENGTH_BYTES) {
		throw broken(file, `it ends after ${buffer.byteLength} bytes, before its header`);
	}
	const view = new DataView(buffer);
	const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
	if (length > LARGEST_HEADER) {
		throw broken(file, `its header claims ${length} bytes; this is no safetensors file`);
	}
	if (length > buffer.byteLength - LENGTH_BYTES) {
		throw broken(
			file,
			`its header claims ${length} bytes, but only ${buffer.byteLength - LENGTH_BYTES} follow`
		);
	}
	let header: unknown;
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(
			new Uint8Array(buffer, LENGTH_BYTES, length)
		);
		header = JSON.parse(text);
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
		throw broken(file, `the header says nothing useful about the tensor "${name}"`);
	}
	const { dtype, shape, data_offsets: offsets } = value as JsonObject;
	const bytesPerValue = typeof dtype === 'string' ? BYTES_PER_VALUE[dtype] : undefined;
	if (typeof dtype !== 'string' || bytesPerValue === undefined) {
		throw broken(file, `the tensor "${name}" has an unknown type, ${JSON.stringify(dtype)}`);
	}
	if (!isWholeNumbers(shape)) {
		throw broken(file, `the tensor "${name}" has no valid shape`);
	}
	if (!isWholeNumbers(offsets) || offsets.length !== 2) {
		throw broken(file, `the tensor "${name}" has no valid byte range`);
	}
	const [begin = 0, end = 0] = offsets;
	const expected = shape.reduce((product, size) => product * size, bytesPerValue);
	if (end - begin !== expected) {
		throw broken(
			file,
			`the tensor "${name}" of shape [${shape.join(', ')}] needs ${expected} bytes, but its range holds ${end - begin}`
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
				`the tensor "${name}" ends at byte ${end} of the data, but there are only ${dataBytes}`
			);
		}
		if (begin < reached) throw broken(file, `the tensors "${last}" and "${name}" overlap`);
		if (begin > reached) throw broken(file, `nothing claims the bytes before the tensor "${name}"`);
		reached = end;
		last = name;
	}
	if (reached !== dataBytes) {
		throw broken(file, `${dataBytes - reached} bytes follow after its last tensor`);
	}
}

/** Infinities and NaN have all exponent bits set, in each of the three formats. */
function requireFinite(name: string, type: WeightType, bytes: Uint8Array, file: string): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const step = type === 'F32' ? 4 : 2;
	/** the two bytes that hold sign and exponent are the last two of each value */
	const exponent = type === 'F16' ? 0x7c00 : 0x7f80;
	for (let offset = step - 2; offset < bytes.byteLength; offset += step) {
		if ((view.getUint16(offset, true) & exponent) === exponent) {
			throw broken(file, `the tensor "${name}" holds a value that is infinite or not a number`);
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
