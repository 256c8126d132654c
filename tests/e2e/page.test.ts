/** The page under a person's hands: Start, keys, controls by their names, both themes, a small screen. */
import { expect, test, type Page } from '@playwright/test';
import { modelReady, open, pressStart } from './play';

/** Distinct colours in the middle of the score, as the canvas holds them. */
async function coloursOfScore(page: Page): Promise<number> {
	return page.evaluate(() => {
		const canvas = document.querySelector('canvas')!;
		const { width, height } = canvas;
		const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
		const colours = new Set<number>();
		for (let i = 0; i < data.length; i += 16) {
			colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
		}
		return colours.size;
	});
}

test('plays and stops by the space bar, and turns what is written on it', async ({ page }) => {
	const faults: string[] = [];
	page.on('pageerror', ({ message }) => faults.push(message));
	await open(page);
	await expect(page.getByRole('heading', { name: 'Key Query Voice' })).toBeVisible();
	await modelReady(page);
	await pressStart(page);

	const cutoff = page.locator('[data-parameter="bass.cutoff"]');
	const before = await page.evaluate(() => window.kqv!.get('bass.cutoff'));
	await cutoff.focus();
	await page.keyboard.press('ArrowUp');
	const after = await page.evaluate(() => window.kqv!.get('bass.cutoff'));
	expect(after).toBeGreaterThan(before);
	await expect(cutoff).toHaveAttribute('aria-valuetext', `${after} Hz`);

	await page.getByRole('radio', { name: 'techno' }).check();
	expect(await page.evaluate(() => window.kqv!.get('model.style'))).toBe(2);
	await page.getByRole('button', { name: 'Acid bass mute' }).click();
	expect(await page.evaluate(() => window.kqv!.get('bass.mute'))).toBe(1);

	await page.locator('body').click({ position: { x: 5, y: 5 } });
	await page.keyboard.press(' ');
	await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
	expect(await page.evaluate(() => window.kqv!.state.phase)).toBe('stopped');
	await page.keyboard.press(' ');
	await page.waitForFunction(() => window.kqv!.state.phase === 'playing');
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog')).toContainText('Space');
	expect(faults).toEqual([]);
});

test('draws the score while it plays: more is lit than when it stands still', async ({ page }) => {
	await open(page);
	await modelReady(page);
	await pressStart(page);
	await page.waitForFunction(() => window.kqv!.beat() > 12, undefined, { timeout: 30_000 });
	const playing = await coloursOfScore(page);
	await page.evaluate(() => window.kqv!.stop());
	await page.waitForTimeout(1500);
	const stopped = await coloursOfScore(page);
	expect(playing).toBeGreaterThan(100);
	expect(playing).toBeGreaterThan(1.2 * stopped);
});

for (const colorScheme of ['dark', 'light'] as const) {
	test(`fits a screen of 390 px in the ${colorScheme} theme`, async ({ page }) => {
		await page.setViewportSize({ width: 390, height: 844 });
		await page.emulateMedia({ colorScheme });
		await open(page);
		await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
		await pressStart(page);
		const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
		expect(scrollWidth).toBe(390);
		await expect(page.locator('canvas')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
	});
}
