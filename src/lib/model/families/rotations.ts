/**
 * How a config.json tells rotary positions: a base `theta`, and a scaling that stretches a model to longer texts. Both lie
 * at the top (`rope_theta`, `rope_scaling`) or, since Transformers 5, in `rope_parameters`. The scalings: linear (Chen et
 * al. 2023), llama3 (Llama 3.1's three bands) and yarn (Peng et al. 2023).
 */
import type { Rotation } from '../config';
import { shown, type Entries } from '../jsonEntries';
import { LARGEST } from './sizes';

/** Unscaled rotary positions: frequency j is theta^(-2j / headSize) (Su et al. 2021). */
export function plainRotation(theta: number, headSize: number): Rotation {
	const half = headSize / 2;
	const frequencies = Array.from({ length: half }, (_, j) => theta ** (-j / half));
	return { frequencies, magnitude: 1 };
}

/** The one rotation of a model whose layers all turn alike. */
export function readRotation(entries: Entries, headSize: number, positions: number): Rotation {
	refusePartial(entries);
	const scaling = parametersOf(entries);
	if (scaling?.has('full_attention') || scaling?.has('sliding_attention')) {
		throw entries.refusal('layers turn in different ways, which of all families only Gemma-3 does');
	}
	const outerTheta = entries.positive('rope_theta', 10_000);
	if (!scaling) return plainRotation(outerTheta, headSize);
	const theta = scaling.positive('rope_theta', outerTheta);
	const original = entries.has('original_max_position_embeddings')
		? entries.whole('original_max_position_embeddings', LARGEST.positions)
		: undefined;
	return scaledRotation(scaling, theta, headSize, positions, original);
}

/**
 * The rotation that `scaling` describes. `positions` are those that the model is published for, `original` those that it
 * was trained on, where the config.json says so outside of `scaling`.
 */
export function scaledRotation(
	scaling: Entries,
	theta: number,
	headSize: number,
	positions: number,
	original?: number
): Rotation {
	refusePartial(scaling);
	const kind = kindOf(scaling);
	const plain = plainRotation(theta, headSize);
	const trained = (): number =>
		original ?? scaling.whole('original_max_position_embeddings', LARGEST.positions, positions);
	switch (kind) {
		case 'default':
			return plain;
		case 'linear':
			return checked(scaling, stretched(plain, scaling.positive('factor')));
		case 'llama3':
			return checked(scaling, threeBands(scaling, plain, trained()));
		case 'yarn':
			return checked(scaling, yarn(scaling, plain, theta, positions, trained()));
		default:
			throw scaling.refusal(
				`rotary positions are scaled by ${shown(kind)}, and the scalings that run are linear, llama3 and yarn`
			);
	}
}

/** The scaling that a config.json asks for, by its name; `default` is none. */
export function scalingOf(entries: Entries): string {
	const scaling = parametersOf(entries);
	return scaling ? kindOf(scaling) : 'default';
}

function parametersOf(entries: Entries): Entries | null {
	return entries.inner('rope_scaling') ?? entries.inner('rope_parameters');
}

function kindOf(scaling: Entries): string {
	return scaling.word('rope_type', scaling.word('type', 'default'));
}

function stretched({ frequencies }: Rotation, factor: number): Rotation {
	return { frequencies: frequencies.map((frequency) => frequency / factor), magnitude: 1 };
}

/** Slow turns are stretched, fast ones left alone, and those between blend from one to the other. */
function threeBands(scaling: Entries, { frequencies }: Rotation, trained: number): Rotation {
	const factor = scaling.positive('factor');
	const low = scaling.positive('low_freq_factor');
	const high = scaling.positive('high_freq_factor');
	if (high <= low) {
		throw scaling.refusal(`"high_freq_factor" should be above "low_freq_factor"`);
	}
	return {
		frequencies: frequencies.map((frequency) => {
			const turns = (trained * frequency) / (2 * Math.PI);
			const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
			return (1 - kept) * (frequency / factor) + kept * frequency;
		}),
		magnitude: 1
	};
}

/** As threeBands, with a ramp over channels instead of frequencies, and the attention made sharper. */
function yarn(
	scaling: Entries,
	{ frequencies }: Rotation,
	theta: number,
	positions: number,
	trained: number
): Rotation {
	const factor = scaling.positive('factor', positions / trained);
	const fast = scaling.positive('beta_fast', 32);
	const slow = scaling.positive('beta_slow', 1);
	const half = frequencies.length;
	/** the channel that turns so many times in the text the model was trained on */
	const channel = (turns: number): number =>
		(half * Math.log(trained / (turns * 2 * Math.PI))) / Math.log(theta);
	const whole = scaling.flag('truncate', true);
	const first = Math.max(0, whole ? Math.floor(channel(fast)) : channel(fast));
	const last = Math.min(2 * half - 1, whole ? Math.ceil(channel(slow)) : channel(slow));
	const width = last === first ? 0.001 : last - first;
	return {
		frequencies: frequencies.map((frequency, j) => {
			const stretch = Math.min(1, Math.max(0, (j - first) / width));
			return stretch * (frequency / factor) + (1 - stretch) * frequency;
		}),
		magnitude: scaling.has('attention_factor')
			? scaling.positive('attention_factor')
			: yarnMagnitude(scaling, factor)
	};
}

function yarnMagnitude(scaling: Entries, factor: number): number {
	const of = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
	const both = scaling.has('mscale') && scaling.has('mscale_all_dim');
	return both ? of(scaling.positive('mscale')) / of(scaling.positive('mscale_all_dim')) : of(1);
}

/** Refuses heads of which only a part turns. */
function refusePartial(entries: Entries): void {
	if (entries.positive('partial_rotary_factor', 1) !== 1) {
		throw entries.refusal(
			`"partial_rotary_factor" turns a part of each head only, and heads that turn as a whole are all that run`
		);
	}
}

function checked(scaling: Entries, rotation: Rotation): Rotation {
	const { frequencies, magnitude } = rotation;
	if ([...frequencies, magnitude].every(Number.isFinite)) return rotation;
	throw scaling.refusal('the scaling of rotary positions gives no numbers');
}
