/** Hands and keys on the controls. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	highest,
	lowest,
	spokenName,
	travelOf,
	valueAfterKey,
	valueAt
} from '../../../src/lib/controls/gestures';
import { SHORTCUTS, commandOf, type KeyPress } from '../../../src/lib/controls/keyboard';
import { PARAMETERS, parameterOf } from '../../../src/lib/controls/parameters';
import { BUBBLE_WIDTH, bubblePlace } from '../../../src/lib/views/bubblePlace';

const parameter = fc.constantFrom(...PARAMETERS);

function press(changes: Partial<KeyPress>): KeyPress {
	return {
		code: '',
		key: '',
		shiftKey: false,
		ctrlKey: false,
		altKey: false,
		metaKey: false,
		...changes
	};
}

describe('every control', () => {
	it('travels from its least to its greatest value', () => {
		for (const one of PARAMETERS) {
			expect(travelOf(one, lowest(one)), one.id).toBeCloseTo(0);
			expect(travelOf(one, highest(one)), one.id).toBeCloseTo(1);
			expect(valueAt(one, -1), one.id).toBe(lowest(one));
			expect(valueAt(one, 2), one.id).toBe(highest(one));
		}
	});

	it('moves with every arrow press until it stands at its end, and never beyond', () => {
		fc.assert(
			fc.property(
				parameter,
				fc.double({ min: 0, max: 1, noNaN: true }),
				fc.boolean(),
				(one, travel, fine) => {
					const value = valueAt(one, travel);
					const up = valueAfterKey(one, value, 'ArrowUp', fine)!;
					const down = valueAfterKey(one, value, 'ArrowDown', fine)!;
					if (value < highest(one)) expect(up).toBeGreaterThan(value);
					else expect(up).toBe(value);
					if (value > lowest(one)) expect(down).toBeLessThan(value);
					else expect(down).toBe(value);
				}
			)
		);
	});

	it('moves less with Shift, more with Page, and to the ends with Home and End', () => {
		const cutoff = parameterOf('bass.cutoff');
		const fine = valueAfterKey(cutoff, 1000, 'ArrowUp', true)!;
		const plain = valueAfterKey(cutoff, 1000, 'ArrowUp', false)!;
		const page = valueAfterKey(cutoff, 1000, 'PageUp', false)!;
		expect(fine).toBe(1001);
		expect(plain).toBeGreaterThan(fine);
		expect(page).toBeGreaterThan(plain);
		expect(valueAfterKey(cutoff, 1000, 'Home', false)).toBe(200);
		expect(valueAfterKey(cutoff, 1000, 'End', false)).toBe(5000);
	});

	it('leaves other keys alone', () => {
		expect(valueAfterKey(parameterOf('bass.cutoff'), 1000, 'a', false)).toBeNull();
	});

	it('has a name of its own when it is spoken', () => {
		const names = PARAMETERS.map(spokenName);
		expect(new Set(names).size).toBe(names.length);
		expect(spokenName(parameterOf('bass.cutoff'))).toBe('Acid bass cutoff');
		expect(spokenName(parameterOf('drums.channel'))).toBe('Drums MIDI channel');
	});
});

describe('the keyboard', () => {
	it('has one meaning for each key', () => {
		const keys = SHORTCUTS.map(({ code, key, shift }) => `${code ?? ''}/${key ?? ''}/${shift}`);
		expect(new Set(keys).size).toBe(keys.length);
		const written = SHORTCUTS.map((shortcut) => shortcut.keys.join('+'));
		expect(new Set(written).size).toBe(written.length);
	});

	it('names only parameters that exist', () => {
		for (const { command } of SHORTCUTS) {
			if (command.do === 'toggle') expect(parameterOf(command.parameter).kind).toBe('toggle');
		}
	});

	it('plays with Space, mutes with a digit, solos with Shift and a digit', () => {
		expect(commandOf(press({ code: 'Space', key: ' ' }))).toEqual({ do: 'play or stop' });
		expect(commandOf(press({ code: 'Digit2', key: '2' }))).toEqual({
			do: 'toggle',
			parameter: 'bass.mute'
		});
		expect(commandOf(press({ code: 'Digit2', key: '"', shiftKey: true }))).toEqual({
			do: 'toggle',
			parameter: 'bass.solo'
		});
	});

	it('finds ? wherever the layout puts it', () => {
		expect(commandOf(press({ code: 'Slash', key: '?', shiftKey: true }))).toEqual({ do: 'help' });
		expect(commandOf(press({ code: 'Minus', key: '?', shiftKey: true }))).toEqual({ do: 'help' });
	});

	it('leaves combinations with Ctrl, Alt and Meta to the browser', () => {
		expect(commandOf(press({ code: 'KeyN', key: 'n', ctrlKey: true }))).toBeNull();
		expect(commandOf(press({ code: 'Digit1', key: '1', metaKey: true }))).toBeNull();
	});
});

describe('a hint', () => {
	const viewport = { width: 1440, height: 900 };

	it('stands below what it points at, and above where there is no room', () => {
		const high = bubblePlace({ left: 20, top: 60, bottom: 100, width: 350 }, viewport);
		expect(high).toMatchObject({ above: false, y: 112 });
		const low = bubblePlace({ left: 20, top: 780, bottom: 880, width: 350 }, viewport);
		expect(low).toMatchObject({ above: true, y: 132 });
	});

	it('stays on the screen, with its tip over the target', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 340 }),
				fc.integer({ min: 0, max: 800 }),
				(left, top) => {
					const target = { left, top, bottom: top + 40, width: 50 };
					const place = bubblePlace(target, { width: 390, height: 844 });
					expect(place.x).toBeGreaterThanOrEqual(0);
					expect(place.x + BUBBLE_WIDTH).toBeLessThanOrEqual(390);
					expect(place.x + place.tip).toBeCloseTo(left + 25);
				}
			)
		);
	});
});
