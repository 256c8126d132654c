/** The activations of the families, in f64. */
import type { Activation } from '../config';
import type { Vector } from './linear';

/** x = activation(x), in place. */
export function activate(x: Vector, activation: Activation): void {
	switch (activation) {
		case 'silu':
			for (let i = 0; i < x.length; i++) x[i] = silu(x[i]!);
			return;
		case 'gelu':
			for (let i = 0; i < x.length; i++) x[i] = gelu(x[i]!);
			return;
		case 'gelu-tanh':
			for (let i = 0; i < x.length; i++) x[i] = geluTanh(x[i]!);
	}
}

/** x / (1 + e^-x). */
function silu(x: number): number {
	return x / (1 + Math.exp(-x));
}

/** x Φ(x), Φ being the distribution function of the normal distribution (Hendrycks and Gimpel 2016). */
export function gelu(x: number): number {
	return 0.5 * x * complementaryError(-x * Math.SQRT1_2);
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

function geluTanh(x: number): number {
	return 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x ** 3)));
}

/** erfc(x) = 2 / √π ∫ e^(-t²) dt from x on: by its series near 0, by its continued fraction beyond (Abramowitz and Stegun 7.1). */
export function complementaryError(x: number): number {
	if (x < 0) return 2 - complementaryError(-x);
	return x < 2 ? 1 - errorSeries(x) : errorFraction(x);
}

/** erf(x) = 2 / √π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!!, in which nothing cancels. */
function errorSeries(x: number): number {
	let term = x;
	let sum = x;
	for (let n = 1; term > sum * 1e-17; n++) {
		term *= (2 * x * x) / (2 * n + 1);
		sum += term;
	}
	return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Steps after which the fraction no longer changes in f64, from x = 2 on. */
const FRACTION_STEPS = 60;

/** √π e^(x²) erfc(x) = 1 / (x + ½ / (x + 1 / (x + 3/2 / (x + ...)))). */
function errorFraction(x: number): number {
	let below = x;
	for (let n = FRACTION_STEPS; n > 0; n--) below = x + n / 2 / below;
	return Math.exp(-x * x) / (Math.sqrt(Math.PI) * below);
}
