/** A matrix that can't be decomposed: what is wrong with it, what that means, what to do. */
export class SvdError extends Error {
	override readonly name = 'SvdError';
}
