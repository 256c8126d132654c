/** A model file that can't be used: which file, what is wrong, what to do. */
export class ModelFileError extends Error {
	override readonly name = 'ModelFileError';
}
