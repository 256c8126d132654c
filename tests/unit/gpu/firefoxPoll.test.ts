import { describe, expect, it } from 'vitest';
import { createFirefoxPoll, needsPolling } from '../../../src/lib/gpu/firefoxPoll';

/** A queue that, like Firefox's, finds work finished only when something is submitted: the n-th look finds it. */
function lazyQueue(looks: number): {
	submits: number;
	submit(): undefined;
	map(): Promise<string>;
} {
	let found: () => void = () => undefined;
	return {
		submits: 0,
		submit() {
			this.submits++;
			if (this.submits % looks === 0) found();
		},
		map: () => new Promise((resolve) => (found = () => resolve('bytes')))
	};
}

const NEVER = new Promise<never>(() => undefined);

/** A clock whose moments pass when the test says so. */
function handClock(): {
	later: (run: () => void) => void;
	pass: (moments: number) => Promise<void>;
} {
	let waiting: (() => void)[] = [];
	return {
		later: (run) => waiting.push(run),
		async pass(moments) {
			for (let i = 0; i < moments; i++) {
				const due = waiting;
				waiting = [];
				for (const run of due) run();
				await Promise.resolve();
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
	};
}

describe('polling in Firefox', () => {
	it.each([
		['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0', true],
		['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36', false],
		['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15', false],
		['', false]
	])('is needed in %s: %s', (userAgent, expected) => {
		expect(needsPolling(userAgent)).toBe(expected);
	});

	it('nudges the queue until what is waited for is there, and not after', async () => {
		const queue = lazyQueue(3);
		const clock = handClock();
		const poll = createFirefoxPoll(queue, NEVER, clock.later);
		const read = poll(queue.map());
		await clock.pass(2);
		expect(queue.submits).toBe(2);
		await clock.pass(1);
		await expect(read).resolves.toBe('bytes');
		await clock.pass(5);
		expect(queue.submits).toBe(3);
	});

	it('runs one loop for any number of waits, also when one begins as another ends', async () => {
		const queue = lazyQueue(1000);
		const clock = handClock();
		const poll = createFirefoxPoll(queue, NEVER, clock.later);
		await poll(Promise.resolve());
		void poll(NEVER);
		void poll(NEVER);
		await clock.pass(10);
		expect(queue.submits).toBe(10);
	});

	it('stops when a wait fails, and passes the failure on', async () => {
		const queue = lazyQueue(1000);
		const clock = handClock();
		const poll = createFirefoxPoll(queue, NEVER, clock.later);
		await expect(poll(Promise.reject(new Error('destroyed')))).rejects.toThrow('destroyed');
		await clock.pass(3);
		expect(queue.submits).toBe(0);
	});

	it('stops when the device is lost, even though the wait never ends', async () => {
		const queue = lazyQueue(1000);
		const clock = handClock();
		let lose: (info: unknown) => void = () => undefined;
		const poll = createFirefoxPoll(queue, new Promise((resolve) => (lose = resolve)), clock.later);
		void poll(NEVER);
		await clock.pass(2);
		lose({});
		await clock.pass(1);
		const { submits } = queue;
		await clock.pass(5);
		expect(queue.submits).toBe(submits);
	});

	it('nudges from a timer of its own accord', async () => {
		const queue = lazyQueue(3);
		await expect(createFirefoxPoll(queue, NEVER)(queue.map())).resolves.toBe('bytes');
		expect(queue.submits).toBe(3);
	});
});
