import { describe, expect, it } from 'vitest';
import { activate, complementaryError } from '../../../src/lib/model/reference/activation';

/** erfc by its definition: an integral in small steps (Simpson's rule), from x to where nothing is left. */
function integrated(x: number): number {
	const steps = 60_000;
	const width = 8 / steps;
	let sum = 0;
	for (let i = 0; i <= steps; i++) {
		const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
		sum += weight * Math.exp(-((x + i * width) ** 2));
	}
	return (2 / Math.sqrt(Math.PI)) * sum * (width / 3);
}

const activated = (x: number, name: Parameters<typeof activate>[1]): number => {
	const values = Float64Array.of(x);
	activate(values, name);
	return values[0]!;
};

describe('activations', () => {
	it('have an error function of double precision', () => {
		for (let x = 0; x < 6; x += 0.09) {
			const expected = integrated(x);
			expect(Math.abs(complementaryError(x) / expected - 1)).toBeLessThan(1e-12);
			expect(complementaryError(-x)).toBe(2 - complementaryError(x));
		}
		expect(complementaryError(30)).toBe(0);
		expect(complementaryError(-30)).toBe(2);
	});

	/** torch.nn.functional.silu, gelu and gelu(approximate="tanh") in f64 */
	it.each([
		[-3, -0.14227761953270035, -0.00404969409489031, -0.0036373920817729943],
		[-0.5, -0.1887703343990727, -0.15426876936299344, -0.15428599017485606],
		[0, 0, 0, 0],
		[0.7, 0.46773144051771626, 0.5306254434438489, 0.5305701347051167],
		[2.5, 2.3103545499468914, 2.4844758366855597, 2.484915733910001]
	])('of %d are what PyTorch computes', (x, silu, gelu, geluTanh) => {
		expect(activated(x, 'silu')).toBeCloseTo(silu, 12);
		expect(activated(x, 'gelu')).toBeCloseTo(gelu, 12);
		expect(activated(x, 'gelu-tanh')).toBeCloseTo(geluTanh, 12);
	});
});
