/** The families that are read, by the `model_type` of their config.json. */
import type { Family } from './family';
import { gemma3, gemma3Text } from './gemma3';
import { gpt2 } from './gpt2';
import { llama, mistral } from './llama';
import { phi3 } from './phi3';
import { qwen2, qwen3 } from './qwen';

export const FAMILIES: ReadonlyMap<string, Family> = new Map([
	['gpt2', gpt2],
	['llama', llama],
	['mistral', mistral],
	['gemma3_text', gemma3Text],
	['gemma3', gemma3],
	['phi3', phi3],
	['qwen2', qwen2],
	['qwen3', qwen3]
]);

/** For messages. */
export const FAMILY_NAMES = 'GPT-2, Llama, Mistral, Gemma-3, Phi-3, Qwen2 and Qwen3';
