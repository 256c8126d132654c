import { expect, test } from 'vitest';
import { durationText, sizeText } from '../../../src/lib/views/recordingWords';

test.each([
	[0, '0:00'],
	[7.9, '0:07'],
	[187, '3:07'],
	[3729, '1:02:09']
])('%f seconds are %s', (seconds, text) => {
	expect(durationText(seconds)).toBe(text);
});

test('sizes are in megabytes', () => {
	expect(sizeText(12_440_000)).toBe('12.4 MB');
});
