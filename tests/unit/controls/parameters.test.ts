import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	PARAMETERS,
	TRACK_LABELS,
	VOICE_TRACKS,
	clampParameter,
	fromTravel,
	parameterOf,
	speakParameter,
	toTravel,
	type NumberParameter,
	type Parameter
} from '../../../src/lib/controls/parameters';
import { ParameterValues } from '../../../src/lib/controls/parameterValues';
import { STYLES, TRACKS } from '../../../src/lib/music/vocabulary';

const numbers = PARAMETERS.filter((p): p is NumberParameter => p.kind === 'number');
const anyParameter = fc.constantFrom(...PARAMETERS);
const anyNumber = fc.constantFrom(...numbers);
const anyValue = fc.double({ noNaN: true, noDefaultInfinity: true });

function range(parameter: Parameter): [number, number] {
	if (parameter.kind === 'number') return [parameter.min, parameter.max];
	return [0, parameter.kind === 'choice' ? parameter.choices.length - 1 : 1];
}

describe('the parameter table', () => {
	it('has every id once, made of its group and a name', () => {
		expect(new Set(PARAMETERS.map(({ id }) => id)).size).toBe(PARAMETERS.length);
		for (const { id, group } of PARAMETERS)
			expect(id).toMatch(new RegExp(`^${group}\\.[a-zA-Z]+$`));
	});

	it('has a label for each parameter, once in each group', () => {
		const labels = PARAMETERS.map(({ group, label }) => `${group} ${label}`);
		expect(new Set(labels).size).toBe(labels.length);
		expect(PARAMETERS.filter(({ label }) => label.trim() === '')).toEqual([]);
	});

	it('has defaults that a person could set', () => {
		for (const parameter of PARAMETERS) {
			expect(clampParameter(parameter, parameter.default), parameter.id).toBe(parameter.default);
		}
	});

	it('has ranges that are not empty, steps that fit in, and above 0 where they are exponential', () => {
		for (const { id, min, max, step, curve } of numbers) {
			expect(max, id).toBeGreaterThan(min);
			expect(step, id).toBeGreaterThan(0);
			expect(step, id).toBeLessThanOrEqual(max - min);
			if (curve === 'exponential') expect(min, id).toBeGreaterThan(0);
		}
	});

	it('gives every voice a strip of its own with density, mute, solo, level, sends and channel', () => {
		for (const track of VOICE_TRACKS) {
			for (const name of ['density', 'mute', 'solo', 'level', 'delay', 'reverb', 'channel']) {
				expect(parameterOf(`${track}.${name}`).group).toBe(track);
			}
		}
		for (const track of TRACKS) expect(TRACK_LABELS[track]).not.toBe('');
	});

	it('plays each track on a MIDI channel of its own by default, drums on channel 10', () => {
		const channels = VOICE_TRACKS.map((track) => parameterOf(`${track}.channel`).default);
		expect(new Set(channels).size).toBe(VOICE_TRACKS.length);
		const drums = parameterOf('drums.channel');
		expect(speakParameter(drums, drums.default)).toBe('10');
	});

	it('names near ids where there is none of that name', () => {
		expect(() => parameterOf('bass.cutof')).toThrow(/no parameter "bass\.cutof".*bass\.cutoff/);
		expect(() => parameterOf('nothing')).toThrow(/See kqv\.parameters/);
	});
});

describe('clamping', () => {
	it('gives a value in the range, and the same again when it is clamped again', () => {
		fc.assert(
			fc.property(anyParameter, anyValue, (parameter, value) => {
				const taken = clampParameter(parameter, value);
				const [min, max] = range(parameter);
				expect(taken).toBeGreaterThanOrEqual(min);
				expect(taken).toBeLessThanOrEqual(max);
				expect(clampParameter(parameter, taken)).toBe(taken);
			}),
			{ numRuns: 1000 }
		);
	});

	it('moves a value in the range by half a step at most', () => {
		fc.assert(
			fc.property(anyNumber, fc.double({ min: 0, max: 1, noNaN: true }), (parameter, share) => {
				const value = parameter.min + share * (parameter.max - parameter.min);
				const moved = Math.abs(clampParameter(parameter, value) - value);
				expect(moved).toBeLessThanOrEqual(parameter.step / 2 + 1e-9);
			})
		);
	});

	it('refuses what is not a number', () => {
		for (const value of [NaN, Infinity, -Infinity]) {
			for (const parameter of PARAMETERS) {
				expect(() => clampParameter(parameter, value)).toThrow(RangeError);
			}
		}
	});
});

describe('the travel of a knob', () => {
	it('goes from 0 at the least to 1 at the most', () => {
		for (const parameter of numbers) {
			expect(toTravel(parameter, parameter.min)).toBe(0);
			expect(toTravel(parameter, parameter.max)).toBeCloseTo(1, 12);
			expect(fromTravel(parameter, 0)).toBe(parameter.min);
			expect(fromTravel(parameter, 1)).toBe(parameter.max);
			expect(fromTravel(parameter, -3)).toBe(parameter.min);
			expect(fromTravel(parameter, 7)).toBe(parameter.max);
		}
	});

	it('leads back to the same value', () => {
		fc.assert(
			fc.property(anyNumber, anyValue, (parameter, value) => {
				const taken = clampParameter(parameter, value);
				expect(fromTravel(parameter, toTravel(parameter, taken))).toBe(taken);
			}),
			{ numRuns: 1000 }
		);
	});

	it('never goes down when the knob goes up', () => {
		const share = fc.double({ min: 0, max: 1, noNaN: true });
		fc.assert(
			fc.property(anyNumber, share, share, (parameter, a, b) => {
				const [low, high] = [Math.min(a, b), Math.max(a, b)];
				expect(fromTravel(parameter, low)).toBeLessThanOrEqual(fromTravel(parameter, high));
			})
		);
	});

	it('is half at the geometric mean where it is exponential', () => {
		const cutoff = parameterOf('bass.cutoff') as NumberParameter;
		expect(toTravel(cutoff, Math.sqrt(cutoff.min * cutoff.max))).toBeCloseTo(0.5);
	});
});

describe('values as they are spoken', () => {
	const spoken = (id: string, value: number) => speakParameter(parameterOf(id), value);

	it('have their unit, and as many decimals as the step', () => {
		expect(spoken('transport.tempo', 124)).toBe('124 BPM');
		expect(spoken('bass.cutoff', 520)).toBe('520 Hz');
		expect(spoken('bass.level', -9.5)).toBe('-9.5 dB');
		expect(spoken('bass.tuning', 0.1)).toBe('0.1 semitones');
		expect(spoken('model.temperature', 0.95)).toBe('0.95');
		expect(spoken('model.topP', 0.9)).toBe('0.900');
	});

	it('of a switch are on and off, of a choice its name', () => {
		expect(spoken('bass.mute', 1)).toBe('on');
		expect(spoken('bass.mute', 0)).toBe('off');
		expect(spoken('model.style', 1)).toBe(STYLES[1]);
		expect(spoken('model.key', 0)).toBe('auto');
	});

	it('say off for a level or send that is down', () => {
		expect(spoken('drums.delay', -60)).toBe('off');
		expect(spoken('drums.delay', -59)).toBe('-59 dB');
	});

	it('are never empty, not a number, or minus nothing, and differ where values differ', () => {
		fc.assert(
			fc.property(anyParameter, anyValue, anyValue, (parameter, a, b) => {
				const [one, other] = [clampParameter(parameter, a), clampParameter(parameter, b)];
				const text = speakParameter(parameter, one);
				expect(text).not.toBe('');
				expect(text).not.toMatch(/NaN|undefined|Infinity|^-0(\.0*)?( |$)/);
				expect(text === speakParameter(parameter, other)).toBe(one === other);
			}),
			{ numRuns: 1000 }
		);
	});
});

describe('the values of all parameters', () => {
	it('begin with the defaults', () => {
		const values = new ParameterValues();
		for (const { id, default: standard } of PARAMETERS) expect(values.get(id)).toBe(standard);
	});

	it('take the nearest value that is possible, and say which', () => {
		const values = new ParameterValues();
		expect(values.set('transport.tempo', 999)).toBe(200);
		expect(values.get('transport.tempo')).toBe(200);
		expect(values.set('bass.mute', 0.7)).toBe(1);
	});

	it('read a choice that may be left to the model as null or the index after it', () => {
		const values = new ParameterValues();
		expect(values.choiceOrAuto('model.key')).toBeNull();
		values.set('model.key', 1);
		expect(values.choiceOrAuto('model.key')).toBe(0);
	});

	it('know no other parameters', () => {
		const values = new ParameterValues();
		expect(() => values.get('bass.nothing')).toThrow(RangeError);
		expect(() => values.set('bass.nothing', 1)).toThrow(RangeError);
	});
});
