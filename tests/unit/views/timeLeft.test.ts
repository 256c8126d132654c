/** How long work still takes, and what is said of its progress. */
import { describe, expect, it } from 'vitest';
import { TimeLeft, timeLeftWords } from '../../../src/lib/views/timeLeft';
import { progressWords } from '../../../src/lib/views/weights/facts';

describe('the time that is left', () => {
	it('is told from how far the work came in how long, once there is something to tell it from', () => {
		const left = new TimeLeft();
		expect(left.after(0, 100)).toBeNull();
		expect(left.after(0.1, 101)).toBeNull();
		expect(left.after(0.2, 110)).toBeCloseTo(40, 9);
		expect(left.after(0.5, 125)).toBeCloseTo(25, 9);
		expect(left.after(1, 150)).toBe(0);
	});

	it('does not count what was there before', () => {
		const left = new TimeLeft();
		left.after(0.5, 0);
		expect(left.after(0.6, 10)).toBeCloseTo(40, 9);
	});

	it('begins anew with other work', () => {
		const left = new TimeLeft();
		left.after(0, 0);
		left.after(1, 60);
		expect(left.after(0, 61)).toBeNull();
		expect(left.after(0.1, 71)).toBeCloseTo(90, 9);
	});

	it.each([
		[1, 'a few seconds left'],
		[12, 'about 15 s left'],
		[80, 'about 80 s left'],
		[100, 'about 2 min left'],
		[1000, 'about 17 min left']
	])('of %d seconds is said as "%s"', (seconds, words) => {
		expect(timeLeftWords(seconds)).toBe(words);
	});
});

describe('the progress of measuring', () => {
	it('tells files by their bytes and tensors by the work they are', () => {
		expect(progressWords(null)).toMatchObject({ what: 'Opening the model', share: null });
		expect(
			progressWords({
				type: 'progress',
				file: 'model.safetensors',
				receivedBytes: 25e6,
				totalBytes: 100e6
			})
		).toEqual({ what: 'model.safetensors', amount: '25.0 of 100.0 MB', share: 0.25 });
		expect(
			progressWords({ type: 'measuring', done: 3, total: 9, tensor: 'h.0.up', share: 0.1 })
		).toEqual({ what: 'Measuring h.0.up', amount: '3 of 9', share: 0.1 });
	});
});
