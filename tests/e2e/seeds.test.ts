/** Same seed and controls, same tokens; another seed, other tokens; and controls that act at the next bar. */
import { expect, test } from '@playwright/test';
import { parseBars } from '../../src/lib/music/bars';
import {
	chooseEngine,
	countBars,
	generatedBars,
	keptBars,
	modelReady,
	open,
	pressStart,
	set
} from './play';

/** Bars that are compared: an emulated adapter takes a second for each. */
const BARS = { cpu: 4, webgpu: 2 };

for (const engine of ['cpu', 'webgpu'] as const) {
	test(`the same seed gives the same bars twice on ${engine}`, async ({ page }) => {
		await open(page);
		await modelReady(page);
		await chooseEngine(page, engine);
		const takes: number[][][] = [];
		for (const seed of [5, 5, 6]) {
			await set(page, { 'model.seed': seed });
			await countBars(page);
			if (takes.length === 0) await pressStart(page);
			else await page.evaluate(() => window.kqv!.start());
			await generatedBars(page, BARS[engine], 90_000);
			await page.evaluate(() => window.kqv!.stop());
			takes.push((await keptBars(page)).slice(0, BARS[engine]));
		}
		expect(takes[1]).toEqual(takes[0]);
		expect(takes[2]).not.toEqual(takes[0]);
	});
}

test('a new style and density act at the bar that was announced', async ({ page }) => {
	await open(page);
	await modelReady(page);
	await countBars(page);
	await pressStart(page);
	await generatedBars(page, 2, 60_000);
	await set(page, { 'model.style': 1, 'bass.density': 1 });
	await page.waitForFunction(() => 'model.style' in window.kqv!.state.pending);
	const [beat, now] = await page.evaluate(() => [
		window.kqv!.state.pending['model.style']!,
		window.kqv!.beat()
	]);
	expect(beat % 4).toBe(0);
	expect(beat - now).toBeLessThanOrEqual(12);
	await page.evaluate(() => {
		window.kqv!.on('bar', (bar) => {
			const changed = ((window as unknown as { changed?: unknown[] }).changed ??= []);
			changed.push({ startBeat: bar.startBeat, tokens: bar.tokens });
		});
	});
	await page.waitForFunction((target) => window.kqv!.beat() > target + 1, beat, {
		timeout: 30_000
	});
	const changed = await page.evaluate(
		() => (window as unknown as { changed: { startBeat: number; tokens: number[] }[] }).changed
	);
	const bar = changed.find(({ startBeat }) => startBeat === beat);
	const parsed = parseBars(bar!.tokens)[0]!.bar;
	expect(parsed.controls.style).toBe(1);
	expect(parsed.parts.find(({ track }) => track === 'bass')?.density ?? 0).toBe(0);
	expect(await page.evaluate(() => window.kqv!.state.pending)).toEqual({});
});
