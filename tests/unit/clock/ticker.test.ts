import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTicker, type TickWorker } from '../../../src/lib/clock/ticker';

function fakeWorker() {
	return {
		onmessage: null as TickWorker['onmessage'],
		onerror: null as TickWorker['onerror'],
		terminate: vi.fn()
	};
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the ticker', () => {
	it('hands on each tick of its worker', () => {
		const worker = fakeWorker();
		const onTick = vi.fn();
		startTicker(onTick, () => worker);
		worker.onmessage?.(new MessageEvent('message'));
		worker.onmessage?.(new MessageEvent('message'));
		expect(onTick).toHaveBeenCalledTimes(2);
	});

	it('ends its worker when it is stopped, and ticks no more', () => {
		const worker = fakeWorker();
		const onTick = vi.fn();
		const stop = startTicker(onTick, () => worker);
		stop();
		worker.onmessage?.(new MessageEvent('message'));
		vi.advanceTimersByTime(1000);
		expect(worker.terminate).toHaveBeenCalledOnce();
		expect(onTick).not.toHaveBeenCalled();
	});

	it('lets the page tick every 25 ms when the worker fails, until it is stopped', () => {
		const worker = fakeWorker();
		const onTick = vi.fn();
		const stop = startTicker(onTick, () => worker);
		worker.onerror?.(new Event('error') as ErrorEvent);
		vi.advanceTimersByTime(1000);
		expect(onTick).toHaveBeenCalledTimes(40);
		stop();
		vi.advanceTimersByTime(1000);
		expect(onTick).toHaveBeenCalledTimes(40);
	});
});

describe('the tick worker', () => {
	it('posts a tick every 25 ms', async () => {
		const post = vi.fn();
		vi.stubGlobal('postMessage', post);
		const worker = '../../../src/lib/clock/tick.worker';
		await import(/* @vite-ignore */ worker);
		vi.advanceTimersByTime(1000);
		expect(post).toHaveBeenCalledTimes(40);
		vi.unstubAllGlobals();
	});
});
