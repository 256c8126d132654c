/**
 * From a person's controls to a bias on the next token: controls are requests that the sampler can't refuse. The bias
 * has a row for the head of the bar and one for each track, so density can differ by track.
 */
import { GRAMMAR } from '../music/grammar';
import {
	FAMILY_RANGES,
	SECTIONS,
	TRACKS,
	VOCABULARY_SIZE,
	tempoBin,
	tokenOf,
	type Family
} from '../music/vocabulary';
import type { GenerationControls } from './protocol';

/** Added to a logit: large enough to exclude a token, finite so that a grammar is never left without a choice. */
const EXCLUDED = -1e4;

/** A set goes on until somebody ends it: the model may not choose this by itself. */
const OUTRO = SECTIONS.indexOf('outro');

/** The bias for `controls`, [scopes × vocabulary]; scope 0 is the bar's head, scope 1 + t the part of track t. */
export function controlBias(controls: GenerationControls): Float32Array {
	const bias = new Float32Array(GRAMMAR.scopeCount * VOCABULARY_SIZE);
	for (let scope = 0; scope < GRAMMAR.scopeCount; scope++) {
		keepOnly(bias, scope, 'STYLE', controls.style);
		if (controls.section === null) exclude(bias, scope, 'SECTION', OUTRO);
		else keepOnly(bias, scope, 'SECTION', controls.section);
		keepOnly(bias, scope, 'ENERGY', controls.energy);
		keepOnly(bias, scope, 'TEMPO', tempoBin(controls.tempo));
		keepOnly(bias, scope, 'KEY', controls.key);
		keepOnly(bias, scope, 'MODE', controls.mode);
		exclude(bias, scope, 'TRACK', TRACKS.indexOf('guest'));
	}
	TRACKS.forEach((track, index) => {
		keepOnly(bias, 1 + index, 'DENSITY', controls.density[track] ?? null);
	});
	return bias;
}

/** A bias under which the bar ends at its next opportunity and the next one begins: only BAR remains. */
export function barBias(): Float32Array {
	const bias = new Float32Array(GRAMMAR.scopeCount * VOCABULARY_SIZE).fill(EXCLUDED);
	for (let scope = 0; scope < GRAMMAR.scopeCount; scope++) {
		bias[scope * VOCABULARY_SIZE + tokenOf('BAR')] = 0;
	}
	return bias;
}

function exclude(bias: Float32Array, scope: number, family: Family, value: number): void {
	bias[scope * VOCABULARY_SIZE + tokenOf(family, value)] = EXCLUDED;
}

function keepOnly(bias: Float32Array, scope: number, family: Family, value: number | null): void {
	if (value === null) return;
	const { start, size } = FAMILY_RANGES[family];
	for (let i = 0; i < size; i++) {
		if (i !== value) bias[scope * VOCABULARY_SIZE + start + i] = EXCLUDED;
	}
}
