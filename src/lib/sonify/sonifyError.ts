/** Weights or a question that no score can be made of, in words for the person who asked. */
export class SonifyError extends Error {
	override readonly name = 'SonifyError';
}
