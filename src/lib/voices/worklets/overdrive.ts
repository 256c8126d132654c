/** The saturation of the acid voice's ladder, and its drive: one asymmetric stage, level-matched. */

/** tanh by its Pade approximant x(27 + x^2) / (27 + 9 x^2), which reaches 1 at 3 and stays there. */
export function saturate(x: number): number {
	if (x > 3) return 1;
	if (x < -3) return -1;
	const square = x * x;
	return (x * (27 + square)) / (27 + 9 * square);
}

/**
 * Drives `x` by `amount` 0..1: small signals gain up to 9 dB, peaks come down, and even harmonics appear, since the stage
 * works off its centre.
 */
export function overdriven(x: number, amount: number): number {
	if (amount < 1e-4) return x;
	const gain = 1 + 9 * amount * amount;
	const offset = 0.25 * amount;
	const shaped = saturate(gain * x + offset) - saturate(offset);
	const matched = shaped / Math.pow(gain, 0.45);
	const wet = Math.min(1, amount * 5);
	return x + (matched - x) * wet;
}
