/**
 * The three number formats of weights, f32, bf16 and f16, and the way from each to f32 and to f16. Loops work on bit
 * patterns, since a model has hundreds of millions of values.
 */
import { ModelFileError } from './modelFileError';
import { bytesOf, type Tensor } from './safetensors';

/** Stored values as f32. */
export function toFloat32(
	{ type }: Pick<Tensor, 'type'>,
	bytes: Uint8Array<ArrayBuffer>
): Float32Array<ArrayBuffer> {
	const buffer = aligned(bytes, bytesOf(type));
	if (type === 'F32') return new Float32Array(buffer);
	const bits = new Uint16Array(buffer);
	const wide = new Uint32Array(bits.length);
	if (type === 'BF16') for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
	else for (let i = 0; i < bits.length; i++) wide[i] = FLOAT_OF_HALF[bits[i]!]!;
	return new Float32Array(wide.buffer);
}

/** Stored values as f16 bits. Throws a ModelFileError when one is beyond what f16 can hold. */
export function toHalfBits(
	{ type, name, file }: Pick<Tensor, 'type' | 'name' | 'file'>,
	bytes: Uint8Array<ArrayBuffer>
): Uint16Array<ArrayBuffer> {
	const buffer = aligned(bytes, bytesOf(type));
	if (type === 'F16') return new Uint16Array(buffer);
	const stored = type === 'F32' ? new Uint32Array(buffer) : new Uint16Array(buffer);
	const shift = type === 'F32' ? 0 : 16;
	const halves = new Uint16Array(stored.length);
	let largest = 0;
	for (let i = 0; i < stored.length; i++) {
		const bits = stored[i]! << shift;
		largest = Math.max(largest, bits & 0x7fffffff);
		halves[i] = halfOfFloat(bits);
	}
	if (largest >= BEYOND_HALF) {
		const value = new Float32Array(Uint32Array.of(largest).buffer)[0]!;
		throw new ModelFileError(
			`The model can't run on the graphics card: in ${file}, the tensor "${name}" holds values of ${value}, and the 16-bit numbers used there end at 65504. Choose the CPU engine, or a model published in 16 bits.`
		);
	}
	return halves;
}

/** The value of f16 bits: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function halfToFloat(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The f16 bits nearest to a value, ties to even; values of 65520 and more become infinite. */
export function floatToHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const magnitude = Math.abs(value);
	if (!(magnitude < 65520)) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
	if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
	const exponent = Math.floor(Math.log2(magnitude));
	/** log2 may land on the wrong side of a power of two; the carry below repairs the upper side */
	const floor = 2 ** exponent > magnitude ? exponent - 1 : exponent;
	const fraction = roundHalfToEven(magnitude * 2 ** (10 - floor)) - 1024;
	return sign | (((floor + 15) << 10) + fraction);
}

/** The f32 bits of 65520, the smallest value that f16 rounds to infinity. */
const BEYOND_HALF = 0x477ff000;
/** The f32 bits of 2^-14, the smallest value with all fraction bits in f16. */
const SMALLEST_NORMAL_HALF = 0x38800000;
/** The f32 bits of 2^-25, half of the smallest f16; it rounds to the even neighbour, 0. */
const HALF_OF_SMALLEST = 0x33000000;

/** f32 bits to f16 bits as floatToHalf() does it: f32 has 13 fraction bits more, and an exponent bias larger by 112. */
export function halfOfFloat(bits: number): number {
	const magnitude = bits & 0x7fffffff;
	const sign = (bits >>> 16) & 0x8000;
	if (magnitude >= BEYOND_HALF) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
	if (magnitude >= SMALLEST_NORMAL_HALF) {
		/** almost half a unit, and the missing piece where the last bit that stays is odd */
		const rounding = 0xfff + ((magnitude >>> 13) & 1);
		return sign | ((magnitude - (112 << 23) + rounding) >>> 13);
	}
	if (magnitude <= HALF_OF_SMALLEST) return sign;
	const significand = (magnitude & 0x7fffff) | 0x800000;
	const shift = 126 - (magnitude >>> 23);
	const rounding = (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1);
	return sign | ((significand + rounding) >>> shift);
}

/** f32 bits of every f16. */
const FLOAT_OF_HALF = new Uint32Array(
	Float32Array.from({ length: 0x10000 }, (_, bits) => halfToFloat(bits)).buffer
);

function roundHalfToEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The bytes as a buffer of whole values: copied, since tensors lie anywhere in the file. */
function aligned(bytes: Uint8Array<ArrayBuffer>, size: number): ArrayBuffer {
	const count = bytes.byteLength - (bytes.byteLength % size);
	return bytes.slice(0, count).buffer;
}
