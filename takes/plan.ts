/** The list of takes, `plans.json`: what a person would set on the instrument's panel, phrase by phrase. */
import { ParameterValues } from '../src/lib/controls/parameterValues';
import { VOICE_TRACKS, parameterOf, type VoiceTrack } from '../src/lib/controls/parameters';
import type { GenerationControls } from '../src/lib/generate/protocol';
import { controlsOf } from '../src/lib/instrument/controlsOf';

/** Controls that are not named stay "auto", as on the panel. */
export interface PhrasePlan {
	readonly bars: number;
	readonly section?: string;
	readonly energy?: number;
	readonly density?: Partial<Record<VoiceTrack, number>>;
}

export interface TakePlan {
	/** also the name of its files */
	readonly name: string;
	readonly seed: number;
	readonly style: string;
	readonly key: string;
	readonly mode: string;
	/** BPM */
	readonly tempo: number;
	readonly phrases: readonly PhrasePlan[];
}

/** Every parameter as the panel shows it in a phrase. Throws a RangeError for a name that no control has. */
export function panelOf(plan: TakePlan, phrase: PhrasePlan): ParameterValues {
	const values = new ParameterValues();
	const choose = (id: string, choice: string | number): void => {
		const parameter = parameterOf(id);
		const choices = parameter.kind === 'choice' ? parameter.choices : [];
		const index = choices.indexOf(String(choice));
		if (index < 0) {
			throw new RangeError(
				`Take "${plan.name}" asks for ${parameter.label.toLowerCase()} "${choice}"; there are ${choices.join(', ')}.`
			);
		}
		values.set(id, index);
	};
	choose('model.style', plan.style);
	choose('model.key', plan.key);
	choose('model.mode', plan.mode);
	values.set('model.seed', plan.seed);
	values.set('transport.tempo', plan.tempo);
	if (phrase.section !== undefined) choose('model.section', phrase.section);
	if (phrase.energy !== undefined) choose('model.energy', phrase.energy);
	for (const track of VOICE_TRACKS) {
		const density = phrase.density?.[track];
		if (density !== undefined) choose(`${track}.density`, density);
	}
	return values;
}

/** The controls of every bar of a take, those of one phrase the same object. */
export function controlsOfBars(plan: TakePlan): GenerationControls[] {
	return plan.phrases.flatMap((phrase) => {
		const controls = controlsOf(panelOf(plan, phrase));
		return Array.from({ length: phrase.bars }, () => controls);
	});
}

/** Throws a RangeError that says which take of the list can't be, and why. */
export function checkPlans(plans: readonly TakePlan[]): void {
	const names = new Set<string>();
	for (const plan of plans) {
		const { name, phrases } = plan;
		if (!/^[a-z0-9-]+$/.test(name) || names.has(name)) {
			throw new RangeError(
				`"${name}" can't name a take: names are small letters, digits and hyphens, and each stands once.`
			);
		}
		names.add(name);
		for (const phrase of phrases) panelOf(plan, phrase);
		const bars = phrases.reduce((sum, phrase) => sum + phrase.bars, 0);
		if (!(bars >= 16 && bars <= 32)) {
			throw new RangeError(`Take "${name}" has ${bars} bars; a take has 16 to 32.`);
		}
	}
}
