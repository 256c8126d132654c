import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue } from '../../../src/lib/voices/worklets/eventQueue';

function drain(queue: EventQueue): { frame: number; kind: number; a: number }[] {
	const events = [];
	while (queue.nextFrame < Infinity) {
		const frame = queue.nextFrame;
		queue.shift();
		events.push({ frame, kind: queue.kind, a: queue.a });
	}
	return events;
}

describe('the event queue', () => {
	test('gives events in order of frame, equal frames in order of arrival', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (times) => {
				const queue = new EventQueue(64);
				times.forEach((frame, i) => queue.insert(frame, 0, i));
				const expected = times
					.map((frame, a) => ({ frame, kind: 0, a }))
					.sort((x, y) => x.frame - y.frame);
				expect(drain(queue)).toEqual(expected);
			})
		);
	});

	test('goes on for ever in a fixed space', () => {
		const queue = new EventQueue(4);
		queue.insert(0, 0, 0);
		for (let i = 1; i < 1000; i++) {
			expect(queue.insert(i, 0, i)).toBe(true);
			expect(queue.nextFrame).toBe(i - 1);
			queue.shift();
		}
	});

	test('refuses what does not fit', () => {
		const queue = new EventQueue(2);
		expect([0, 1, 2].map((frame) => queue.insert(frame, 0))).toEqual([true, true, false]);
	});

	test('cancels the later events of one kind and keeps the others', () => {
		const queue = new EventQueue(8);
		queue.insert(10, 0, 1);
		queue.insert(20, 1, 2);
		queue.insert(20, 0, 3);
		queue.insert(30, 1, 4);
		queue.insert(5, 0, 5);
		queue.cancel(0, 20);
		expect(drain(queue).map(({ a }) => a)).toEqual([5, 1, 2, 4]);
	});
});
