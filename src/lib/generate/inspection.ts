/** Looks into the decoder that is writing, with the positions of the set in place of the decoder's own. */
import { DeviceLostError } from '../model/decoder';
import { answerTo, type Answer, type Question } from '../model/questions';
import type { BarWriter } from './barWriter';

/** The answer, or null where what was asked about is not there, or no longer. */
export async function inspect(writer: BarWriter, question: Question): Promise<Answer | null> {
	const { decoder, origin } = writer;
	if (!decoder.inspector) return null;
	try {
		return inSet(await answerTo(decoder.inspector, inDecoder(question, origin)), origin);
	} catch (error) {
		if (error instanceof RangeError || error instanceof DeviceLostError) return null;
		throw error;
	}
}

function inDecoder(question: Question, origin: number): Question {
	return 'position' in question ? { ...question, position: question.position - origin } : question;
}

function inSet(answer: Answer, origin: number): Answer {
	switch (answer.about) {
		case 'attention': {
			const { matrix } = answer;
			return { about: 'attention', matrix: { ...matrix, first: matrix.first + origin } };
		}
		case 'products': {
			const { products } = answer;
			return { about: 'products', products: { ...products, first: products.first + origin } };
		}
		case 'residual':
			return answer;
	}
}
