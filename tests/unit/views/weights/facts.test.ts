/** How sure the key of a model is, in words. */
import { describe, expect, it } from 'vitest';
import type { Key } from '../../../../src/lib/sonify/key';
import { keyWords } from '../../../../src/lib/views/weights/facts';

/** The notes of C major, its triad more often. */
const C_MAJOR = [5, 0.2, 3, 0.2, 4, 3, 0.2, 5, 0.2, 3, 0.2, 2];

const key = (confidence: number): Key => ({ tonic: 0, mode: 'major', confidence, chroma: C_MAJOR });

describe('the key of a model in words', () => {
	it('says that it is plain, likely, or a close call, and with which other key', () => {
		expect(keyWords(key(0.2))).toBe('C major, plain to hear (confidence 0.20 of 1)');
		expect(keyWords(key(0.05))).toMatch(
			/^C major, likely, before [A-G]b? (major|minor) \(confidence 0.05 of 1\)$/
		);
		expect(keyWords(key(0.004))).toMatch(
			/^C major, a close call with [A-G]b? (major|minor) \(confidence 0.00 of 1\)$/
		);
	});

	it('names another key as the rival', () => {
		expect(keyWords(key(0.02))).not.toContain('with C major');
	});
});
