/** Questions to an Inspector as messages, so that they can be asked across threads. */
import type { AttentionMatrix, Inspector, QueryKeyProducts } from './inspector';

export type Question =
	| { about: 'attention'; layer: number; head: number }
	| { about: 'products'; layer: number; head: number; position: number }
	/** layer 0 is the embedding */
	| { about: 'residual'; layer: number; position: number };

export type Answer =
	| { about: 'attention'; matrix: AttentionMatrix }
	| { about: 'products'; products: QueryKeyProducts }
	| { about: 'residual'; residual: Float32Array<ArrayBuffer> };

/** Asks `inspector`. Throws what it throws. */
export async function answerTo(inspector: Inspector, question: Question): Promise<Answer> {
	const { about } = question;
	switch (about) {
		case 'attention': {
			const { layer, head } = question;
			return { about, matrix: await inspector.attention(layer, head) };
		}
		case 'products': {
			const { layer, head, position } = question;
			return { about, products: await inspector.products(layer, head, position) };
		}
		case 'residual': {
			const { layer, position } = question;
			return { about, residual: await inspector.residual(layer, position) };
		}
	}
}

/** The memory of an answer, to be handed over with it. */
export function transferOf(answer: Answer): ArrayBuffer[] {
	switch (answer.about) {
		case 'attention':
			return [answer.matrix.weights.buffer];
		case 'products': {
			const { query, keys, products, weights } = answer.products;
			return [query.buffer, keys.buffer, products.buffer, weights.buffer];
		}
		case 'residual':
			return [answer.residual.buffer];
	}
}
