/**
 * Remembers which form the self-tune chose for a card and a model. Forms add up in different orders and so round
 * differently: a form that changed from one visit to the next would let the same seed write other tokens.
 */
import { get, set } from 'idb-keyval';
import type { GpuDevice } from '../../gpu/device';
import type { ModelConfig } from '../config';
import type { Form } from './form';
import { candidateForms } from './tune';

/** A card, as far as the choice depends on it. */
type Card = Pick<GpuDevice, 'name' | 'software' | 'subgroupSize'>;

export interface FormMemory {
	/** The form of an earlier visit, or null where there was none or it is none of today's. */
	recall(card: Card, config: ModelConfig): Promise<Form | null>;
	remember(card: Card, config: ModelConfig, form: Form): Promise<void>;
}

/** Kept in IndexedDB. Where the browser keeps nothing, every visit tunes anew. `browser` is its user agent. */
export function storedForms(browser = navigator.userAgent): FormMemory {
	const keyOf = (card: Card, config: ModelConfig) =>
		['kernel form', browser, ...keyParts(card, config)].join('|');
	return {
		async recall(card, config) {
			const kept: unknown = await get(keyOf(card, config)).catch(() => null);
			return candidateForms(card).find((form) => sameForm(form, kept)) ?? null;
		},
		async remember(card, config, form) {
			await set(keyOf(card, config), form).catch(() => undefined);
		}
	};
}

/** What the time of a form depends on: the card and the sizes of a layer. */
function keyParts(
	{ name, subgroupSize }: Card,
	{ hiddenSize, intermediateSize, heads, keyValueHeads, headSize }: ModelConfig
): (string | number)[] {
	return [name, subgroupSize, hiddenSize, intermediateSize, heads, keyValueHeads, headSize];
}

function sameForm(form: Form, kept: unknown): boolean {
	return JSON.stringify(form) === JSON.stringify(kept);
}
