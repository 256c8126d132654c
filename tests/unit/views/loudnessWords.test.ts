import { expect, test } from 'vitest';
import { decibelText, loudnessTitle } from '../../../src/lib/views/loudnessWords';

test('loudness keeps one decimal, and silence is a dash', () => {
	expect(decibelText(-14)).toBe('-14.0');
	expect(decibelText(-14.26)).toBe('-14.3');
	expect(decibelText(-Infinity)).toBe('–');
});

test('the title tells of the whole set once there is one', () => {
	expect(loudnessTitle(null)).not.toContain('set');
	const set = { momentary: -13, shortTerm: -13.5, integrated: -14.04, truePeak: -1.02 };
	expect(loudnessTitle(set)).toContain('-14.0 LUFS, true peak -1.0 dBTP');
});
