/** What was measured as a table, and held against the aims. */
import type { Errors } from '../../tests/unit/linalg/measures';

export interface Measured {
	readonly engine: string;
	readonly label: string;
	readonly size: number;
	/** why there are no figures; empty where there are */
	readonly failure: string;
	readonly figures: {
		/** the fastest round */
		readonly milliseconds: number;
		/** processor time of all threads, of the round that took least: on a shared machine it says more */
		readonly processorMilliseconds: number;
		readonly errors: Errors;
	} | null;
}

const HEADER = [
	'n',
	'engine',
	'ms',
	'processor ms',
	'values / s₁',
	'values, each',
	'UᵀU − I',
	'VᵀV − I',
	'A − USVᵀ'
];

export function tableOf(measured: readonly Measured[], sizes: readonly number[]): string {
	const rows = sizes.flatMap((size) =>
		measured
			.filter((entry) => entry.size === size)
			.map(({ label, figures, failure }) => {
				if (!figures) return [String(size), label, failure];
				const { milliseconds, processorMilliseconds, errors } = figures;
				const small = [
					errors.values,
					errors.relative,
					errors.left,
					errors.right,
					errors.residual
				].map((error) => error.toExponential(1));
				return [
					String(size),
					label,
					milliseconds.toFixed(0),
					processorMilliseconds.toFixed(0),
					...small
				];
			})
	);
	const all = [HEADER, ...rows];
	const widths = HEADER.map((_, i) =>
		Math.max(...all.map((row) => Math.min(24, row[i]?.length ?? 0)))
	);
	return all
		.map((row) =>
			row
				.map((cell, i) => (i === 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
				.join('  ')
		)
		.join('\n');
}

const PEERS = ['ml-matrix', 'svd-js', 'numeric', 'jax-wasm'];
/** How much faster than the fastest peer in JavaScript ours should be on a graphics card, and from which side on. */
const CARD_RATIO = 10;
const CARD_SIDE = 512;
/** The side at which ours should not be slower without one. */
const EMULATED_SIDE = 128;

/** A line for each aim that this run can say something about. */
export function aimsOf(
	measured: readonly Measured[],
	adapter: { readonly software: boolean } | null
): string[] {
	const onCard = adapter !== null && !adapter.software;
	const sizes = [...new Set(measured.map(({ size }) => size))].filter((size) =>
		onCard ? size >= CARD_SIDE : size === EMULATED_SIDE
	);
	const ratio = onCard ? CARD_RATIO : 1;
	return sizes.flatMap((size) => {
		const time = (engine: string): number =>
			measured.find((entry) => entry.engine === engine && entry.size === size)?.figures
				?.milliseconds ?? Infinity;
		const peer = Math.min(...PEERS.map(time));
		const own = time('own');
		if (!Number.isFinite(peer) || !Number.isFinite(own)) return [];
		const found = peer / own;
		const aim = `n = ${size}, ours ≥ ${ratio} × the fastest JavaScript library`;
		return `${found >= ratio ? 'reached' : 'MISSED '}  ${aim}: ${found.toFixed(1)} ×`;
	});
}
