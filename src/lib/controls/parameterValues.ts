/** The values of all parameters, clamped to their declarations. The instrument holds one of these. */
import { PARAMETERS, clampParameter, parameterOf } from './parameters';

export class ParameterValues {
	readonly #values = new Map(PARAMETERS.map(({ id, default: value }) => [id, value]));

	/** Throws a RangeError for an unknown id. */
	get(id: string): number {
		return this.#values.get(parameterOf(id).id)!;
	}

	/** Takes the nearest value that the parameter can have; returns it. Throws a RangeError for an unknown id. */
	set(id: string, value: number): number {
		const taken = clampParameter(parameterOf(id), value);
		this.#values.set(id, taken);
		return taken;
	}

	/** A choice whose first entry is "auto": null for auto, otherwise the index of the choice after it. */
	choiceOrAuto(id: string): number | null {
		const value = this.get(id);
		return value === 0 ? null : value - 1;
	}
}
