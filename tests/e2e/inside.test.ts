/** The page that looks inside a model: text, tokens, heads, another model from a folder. */
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';

const LLAMA = fileURLToPath(new URL('../fixtures/decoder/llama', import.meta.url));

async function open(page: Page): Promise<string[]> {
	const faults: string[] = [];
	page.on('pageerror', ({ message }) => faults.push(message));
	await page.goto('/inside');
	await expect(
		page.getByRole('heading', { name: /composer|Key Query|kqv/i, level: 2 })
	).toBeVisible({ timeout: 60_000 });
	return faults;
}

async function write(page: Page, tokens: number): Promise<void> {
	await page.getByLabel('Tokens', { exact: true }).fill(String(tokens));
	await page.getByRole('button', { name: 'Write' }).click();
	const shown = page.getByTestId('text').getByRole('button');
	await expect.poll(() => shown.count(), { timeout: 60_000 }).toBeGreaterThan(tokens);
	await expect(page.getByRole('button', { name: 'Stop' })).toBeDisabled({ timeout: 60_000 });
}

/** Share of the matrix's pixels in the lower left and the upper right triangle that differ from its first row's end. */
async function litTriangles(page: Page): Promise<{ lower: number; upper: number }> {
	return page.locator('figure canvas').evaluate((canvas: HTMLCanvasElement) => {
		const { width } = canvas;
		const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, width);
		const colour = (x: number, y: number) =>
			data.slice((y * width + x) * 4, (y * width + x) * 4 + 3);
		const ground = colour(width - 2, 2).join();
		const count = { lower: 0, upper: 0 };
		for (let y = 8; y < width - 8; y += 3) {
			for (let x = 8; x < width - 8; x += 3) {
				if (Math.abs(x - y) < 6 || colour(x, y).join() === ground) continue;
				count[x < y ? 'lower' : 'upper']++;
			}
		}
		return count;
	});
}

test('writes with the shipped model and shows what a token looked at', async ({ page }) => {
	const faults = await open(page);
	await write(page, 60);
	const tokens = page.getByTestId('text').getByRole('button');
	const before = await tokens.count();
	expect(before).toBeGreaterThan(60);

	await page.getByRole('radio', { name: 'Layer 2, head 3' }).click();
	await expect(page.getByRole('heading', { name: /Layer 2, head 3/ })).toBeVisible();
	await expect(page.locator('figcaption')).toContainText('looks at');
	await expect.poll(async () => (await litTriangles(page)).lower).toBeGreaterThan(100);
	expect((await litTriangles(page)).upper).toBe(0);

	await tokens.nth(before - 10).click();
	await expect(tokens.nth(before - 10)).toHaveAttribute('aria-pressed', 'true');
	const scores = page.getByRole('table').getByRole('row');
	await expect(scores).toHaveCount(7);
	await expect(page.getByRole('list', { name: 'Most probable tokens' }).locator('li')).toHaveCount(
		8
	);

	await page.getByRole('slider').focus();
	await page.keyboard.press('ArrowUp');
	await expect(tokens.nth(before - 11)).toHaveAttribute('aria-pressed', 'true');
	expect(faults).toEqual([]);
});

test('opens a model of another family from a folder, and comes back', async ({ page }) => {
	const faults = await open(page);
	await page.getByText('Open another model').click();
	await page.locator('input[type=file]').setInputFiles(LLAMA);
	await expect(page.getByRole('heading', { name: 'llama', level: 2 })).toBeVisible();
	await expect(page.getByText('token numbers')).toBeVisible();
	await write(page, 20);
	await expect(page.getByTestId('text').getByRole('button')).toHaveCount(24);

	await page.getByRole('textbox', { name: 'Beginning' }).fill('seven');
	await page.getByRole('button', { name: 'Write' }).click();
	await expect(page.getByRole('alert')).toContainText('token numbers from 0');

	await page.getByRole('button', { name: 'Back to the composer' }).click();
	await expect(page.getByText('music tokens')).toBeVisible();
	expect(faults).toEqual([]);
});

for (const colorScheme of ['dark', 'light'] as const) {
	test(`fits a screen of 390 px in the ${colorScheme} theme`, async ({ page }) => {
		await page.setViewportSize({ width: 390, height: 844 });
		await page.emulateMedia({ colorScheme });
		await open(page);
		await write(page, 20);
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
	});
}
