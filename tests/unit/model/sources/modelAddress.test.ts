import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../../src/lib/model/config';
import { modelAddress } from '../../../../src/lib/model/sources/modelAddress';

describe('the address of a model', () => {
	it.each([
		['https://example.org/models/tiny', 'https://example.org/models/tiny/'],
		['https://example.org/models/tiny/', 'https://example.org/models/tiny/'],
		['https://example.org/models/tiny/config.json', 'https://example.org/models/tiny/'],
		['  http://localhost:8000/ ', 'http://localhost:8000/'],
		['https://example.org/tiny?download=true#files', 'https://example.org/tiny/'],
		['https://huggingface.co/gpt/two', 'https://huggingface.co/gpt/two/resolve/main/'],
		['huggingface.co/gpt/two', 'https://huggingface.co/gpt/two/resolve/main/'],
		['https://huggingface.co/gpt/two/tree/v1.0', 'https://huggingface.co/gpt/two/resolve/v1.0/'],
		[
			'https://huggingface.co/gpt/two/blob/main/model.safetensors?x=1',
			'https://huggingface.co/gpt/two/resolve/main/'
		],
		[
			'https://huggingface.co/gpt/two/resolve/main/small/',
			'https://huggingface.co/gpt/two/resolve/main/small/'
		]
	])('%s is the folder %s', (typed, folder) => {
		expect(modelAddress(typed)).toBe(folder);
	});

	it('may count from the page', () => {
		expect(modelAddress('/models/kqv-small', 'https://example.org/index.html')).toBe(
			'https://example.org/models/kqv-small/'
		);
	});

	it.each([
		['', /no address/],
		['gpt2', /no address/],
		['ftp://example.org/model', /ftp: address/],
		['file:///models/mine', /file: address.*choose the folder/],
		['javascript:alert(1)', /javascript: address/],
		['https://huggingface.co/gpt2', /not that of a model on Hugging Face/],
		['https://huggingface.co/gpt/two/discussions/3', /not that of a model on Hugging Face/]
	])('%s is refused in a sentence', (typed, message) => {
		expect(() => modelAddress(typed)).toThrow(ModelFileError);
		expect(() => modelAddress(typed)).toThrow(message);
	});

	it('is a folder of http or https, or refused, whatever is typed', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (typed) => {
				let folder: string;
				try {
					folder = modelAddress(typed);
				} catch (error) {
					expect(error).toBeInstanceOf(ModelFileError);
					return;
				}
				expect(folder).toMatch(/^https?:\/\/[^?#]*\/$/);
				expect(modelAddress(folder)).toBe(folder);
			})
		);
	});
});
