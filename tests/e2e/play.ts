/** Opening, starting and steering the page as a person would, shared by the end-to-end tests. */
import { expect, type Page } from '@playwright/test';
import { installMidiLoopback, type MidiLoopbackOptions } from '../fixtures/midiLoopback';

export type Engine = 'webgpu' | 'wasm' | 'cpu';

/** Opens the page with a MIDI loopback; the handle is there when this resolves. */
export async function open(page: Page, midi: MidiLoopbackOptions = {}): Promise<void> {
	await page.addInitScript(installMidiLoopback, midi);
	await page.goto('/');
	await page.waitForFunction(() => window.kqv !== undefined);
}

/** Waits until the model is ready, and returns its description. */
export async function modelReady(page: Page) {
	await page.waitForFunction(() => window.kqv!.state.model.phase === 'ready', undefined, {
		timeout: 120_000
	});
	return page.evaluate(() => {
		const { model } = window.kqv!.state;
		if (model.phase !== 'ready') throw new Error(`the model is ${model.phase}`);
		return model.model;
	});
}

/** Chooses the engine and waits until it runs. */
export async function chooseEngine(page: Page, engine: Engine): Promise<void> {
	await page.evaluate((choice) => window.kqv!.setEngine(choice), engine);
	await page.waitForFunction(
		(choice) => {
			const { model } = window.kqv!.state;
			return model.phase === 'ready' && model.model.engine === choice;
		},
		engine,
		{ timeout: 120_000 }
	);
}

export async function pressStart(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Start' }).click();
	await page.waitForFunction(() => window.kqv!.state.phase === 'playing', undefined, {
		timeout: 20_000
	});
}

/** Sets parameters by id. */
export async function set(page: Page, values: Record<string, number>): Promise<void> {
	await page.evaluate((entries) => {
		for (const [id, value] of Object.entries(entries)) window.kqv!.set(id, value);
	}, values);
}

/** Waits until the model has written `count` bars since the page was opened with `countBars`. */
export async function generatedBars(page: Page, count: number, timeoutMs: number): Promise<void> {
	await page.waitForFunction(
		(target) => (window as unknown as { generatedBars: number[][] }).generatedBars.length >= target,
		count,
		{ timeout: timeoutMs, polling: 100 }
	);
}

/** Begins to keep the tokens of every bar that the model writes. */
export async function countBars(page: Page): Promise<void> {
	await page.evaluate(() => {
		const bars: number[][] = [];
		Object.assign(window, { generatedBars: bars });
		window.kqv!.on('bar', ({ tokens, generated }) => {
			if (generated) bars.push(tokens);
		});
	});
}

export function keptBars(page: Page): Promise<number[][]> {
	return page.evaluate(() => (window as unknown as { generatedBars: number[][] }).generatedBars);
}

/** Expects that bars go on being written. */
export async function expectMusicGoesOn(page: Page): Promise<void> {
	const before = (await keptBars(page)).length;
	await generatedBars(page, before + 3, 90_000);
	expect(await page.evaluate(() => window.kqv!.state.phase)).toBe('playing');
}
