/** Who decomposes a square matrix, ours and peers, each with all vectors. What it takes to get ready is not timed. */
import { createRequire } from 'node:module';
import type { GpuDevice } from '../../src/lib/gpu/device';
import type { Matrix } from '../../src/lib/linalg/matrix';
import { createSvd } from '../../src/lib/linalg/svd';
import type { Triplets } from '../../tests/unit/linalg/measures';

export type Decompose = (matrix: Matrix) => Promise<Triplets>;

export interface SvdBench {
	readonly id: string;
	readonly label: string;
	readonly create: (gpu: GpuDevice | null) => Promise<Decompose>;
}

export const ENGINES: readonly SvdBench[] = [
	{
		id: 'own',
		label: 'ours, where it chooses',
		create: async (gpu) => createSvd(gpu).decompose
	},
	{
		id: 'own-wgsl',
		label: 'ours, WGSL',
		async create(gpu) {
			if (!gpu) throw new Error('There is no WebGPU here.');
			const svd = createSvd(gpu);
			return (matrix) => svd.decompose(matrix, { engine: 'gpu' });
		}
	},
	{
		id: 'own-processor',
		label: 'ours, processor (f64)',
		create: async () => createSvd(null).decompose
	},
	{ id: 'ml-matrix', label: 'ml-matrix (f64)', create: createMlMatrix },
	{ id: 'svd-js', label: 'svd-js (f64)', create: createSvdJs },
	{ id: 'numeric', label: 'numeric (f64)', create: createNumeric },
	{
		id: 'jax-wasm',
		label: 'jax-js, WebAssembly',
		create: () => createJax('wasm')
	},
	{
		id: 'jax-webgpu',
		label: 'jax-js, WebGPU',
		create: () => createJax('webgpu')
	}
];

/** The packages of this folder, which lie beside its package.json. */
const load = createRequire(new URL('../package.json', import.meta.url));

interface DenseMatrix {
	to1DArray(): number[];
	set(row: number, column: number, value: number): void;
}

interface DenseSvd {
	diagonal: number[];
	leftSingularVectors: DenseMatrix;
	rightSingularVectors: DenseMatrix;
}

interface MlMatrixPackage {
	Matrix: new (rows: number, columns: number) => DenseMatrix;
	SVD: new (matrix: DenseMatrix, options: { autoTranspose: boolean }) => DenseSvd;
}

async function createMlMatrix(): Promise<Decompose> {
	const { Matrix: Dense, SVD } = load('ml-matrix') as MlMatrixPackage;
	return async ({ rows, columns, values }) => {
		const dense = new Dense(rows, columns);
		for (let i = 0; i < values.length; i++) {
			dense.set(Math.floor(i / columns), i % columns, values[i]!);
		}
		const svd = new SVD(dense, { autoTranspose: true });
		return {
			rank: columns,
			u: svd.leftSingularVectors.to1DArray(),
			s: svd.diagonal,
			v: svd.rightSingularVectors.to1DArray()
		};
	};
}

async function createSvdJs(): Promise<Decompose> {
	const { SVD } = load('svd-js') as {
		SVD(a: number[][]): { u: number[][]; q: number[]; v: number[][] };
	};
	return async (matrix) => {
		const { u, q, v } = SVD(rowsOf(matrix));
		return sorted(u, q, v);
	};
}

async function createNumeric(): Promise<Decompose> {
	const { svd } = load('numeric') as {
		svd(a: number[][]): { U: number[][]; S: number[]; V: number[][] };
	};
	return async (matrix) => {
		const { U, S, V } = svd(rowsOf(matrix));
		return sorted(U, S, V);
	};
}

interface JaxArray {
	data(): Promise<Float32Array>;
}

interface JaxPackage {
	init(device: string): Promise<string[]>;
	defaultDevice(device: string): void;
	numpy: {
		array(values: Float32Array, options: { shape: number[] }): JaxArray;
		linalg: { svd(a: JaxArray, options: { fullMatrices: boolean }): JaxArray[] };
	};
}

async function createJax(device: 'wasm' | 'webgpu'): Promise<Decompose> {
	const jax = load('@jax-js/jax') as JaxPackage;
	const ready = await jax.init(device);
	if (!ready.includes(device)) throw new Error(`jax-js has no ${device} here.`);
	return async ({ rows, columns, values }) => {
		jax.defaultDevice(device);
		const a = jax.numpy.array(values, { shape: [rows, columns] });
		const [u, s, vh] = jax.numpy.linalg.svd(a, { fullMatrices: false });
		const turned = await vh!.data();
		const v = new Float32Array(columns * columns);
		for (let i = 0; i < v.length; i++) {
			v[(i % columns) * columns + Math.floor(i / columns)] = turned[i]!;
		}
		return { rank: columns, u: await u!.data(), s: await s!.data(), v };
	};
}

function rowsOf({ rows, columns, values }: Matrix): number[][] {
	return Array.from({ length: rows }, (_, i) => [
		...values.subarray(i * columns, (i + 1) * columns)
	]);
}

/** Triplets in falling order, row by row. */
function sorted(u: number[][], s: number[], v: number[][]): Triplets {
	const order = Array.from(s.keys()).sort((a, b) => s[b]! - s[a]!);
	const flat = (vectors: number[][]): number[] =>
		vectors.flatMap((row) => order.map((j) => row[j]!));
	return { rank: s.length, u: flat(u), s: order.map((j) => s[j]!), v: flat(v) };
}
