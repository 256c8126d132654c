/** What goes wrong ends in a sentence that says what to do, and the music goes on wherever it can. */
import { expect, test, type Page } from '@playwright/test';
import {
	chooseEngine,
	countBars,
	expectMusicGoesOn,
	generatedBars,
	modelReady,
	open,
	pressStart
} from './play';

async function openingGoesOn(page: Page): Promise<void> {
	const beat = await page.evaluate(() => window.kqv!.beat());
	await page.waitForFunction((from) => window.kqv!.beat() > from + 20, beat, { timeout: 40_000 });
	const level = await page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				const off = window.kqv!.on('audio', ({ left }) => {
					const peak = left.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
					if (peak > 0.01) {
						off();
						resolve(peak);
					}
				});
			})
	);
	expect(level).toBeGreaterThan(0.01);
}

test('a missing model: the opening plays on, and Retry loads it', async ({ page }) => {
	await page.route('**/model.safetensors', (route) => route.fulfill({ status: 404 }));
	await open(page);
	await pressStart(page);
	const alert = page.getByRole('alert');
	await expect(alert).toContainText('model.safetensors');
	await openingGoesOn(page);
	await page.unroute('**/model.safetensors');
	await countBars(page);
	await alert.getByRole('button', { name: 'Load the model again' }).click();
	await generatedBars(page, 2, 60_000);
	await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a corrupted model is refused in words, and nothing of it is used', async ({ page }) => {
	await page.route('**/model.safetensors', async (route) => {
		const response = await route.fetch();
		const body = await response.body();
		body.fill(0x7f, 4000, 9000);
		await route.fulfill({ response, body });
	});
	await open(page);
	await pressStart(page);
	await expect(page.getByRole('alert')).toContainText('model.safetensors');
	expect(await page.evaluate(() => window.kqv!.state.model.phase)).toBe('failed');
	await openingGoesOn(page);
});

test('MIDI denied: a sentence, and the synths play on', async ({ page }) => {
	await open(page, { deny: true });
	await modelReady(page);
	await countBars(page);
	await pressStart(page);
	await page.evaluate(() => window.kqv!.midi.request());
	expect(await page.evaluate(() => window.kqv!.state.midi.phase)).toBe('denied');
	await expect(page.getByText(/did not allow MIDI/).first()).toBeVisible();
	await expectMusicGoesOn(page);
});

test('a lost GPU device: a new one takes over; lost again, the processor does', async ({
	page
}) => {
	await open(page);
	await modelReady(page);
	await chooseEngine(page, 'webgpu');
	await countBars(page);
	await pressStart(page);
	await generatedBars(page, 2, 90_000);
	await page.evaluate(() => window.kqv!.rehearse.loseDevice());
	await expect(page.getByText(/graphics device was lost/).first()).toBeVisible({ timeout: 60_000 });
	await expectMusicGoesOn(page);
	await page.evaluate(() => window.kqv!.rehearse.loseDevice());
	await page.waitForFunction(
		() => {
			const { model } = window.kqv!.state;
			return model.phase === 'ready' && model.model.engine === 'wasm';
		},
		undefined,
		{ timeout: 60_000 }
	);
	await expectMusicGoesOn(page);
});

test('a suspended audio context: a sentence, and Resume goes on from there', async ({ page }) => {
	await open(page);
	await modelReady(page);
	await countBars(page);
	await pressStart(page);
	await generatedBars(page, 1, 60_000);
	await page.evaluate(() => window.kqv!.rehearse.suspendAudio());
	await expect(page.getByText(/paused the sound/).first()).toBeVisible();
	const beat = await page.evaluate(() => window.kqv!.beat());
	await page
		.getByRole('status')
		.or(page.getByRole('alert'))
		.getByRole('button', { name: /resume/i })
		.click();
	await expect(page.getByText(/paused the sound/)).toHaveCount(0);
	await expectMusicGoesOn(page);
	expect(await page.evaluate(() => window.kqv!.beat())).toBeGreaterThan(beat);
});

test('leaving the page sends all-notes-off', async ({ page }) => {
	await open(page);
	await modelReady(page);
	await page.evaluate(async () => {
		await window.kqv!.midi.request();
		window.kqv!.midi.choose(window.kqv!.state.midi.outputs[0]!.id);
	});
	await pressStart(page);
	await page.waitForFunction(() => globalThis.midiLoopback!.messages.length > 20);
	const channels = await page.evaluate(() => {
		dispatchEvent(new PageTransitionEvent('pagehide'));
		return globalThis
			.midiLoopback!.messages.filter(({ data }) => (data[0]! & 0xf0) === 0xb0 && data[1] === 123)
			.map(({ data }) => data[0]! & 0x0f);
	});
	expect(channels).toContain(9);
	expect(channels).toContain(0);
});

test('another sound buffer is in use when the set begins anew, with all that listened to the old one', async ({
	page
}) => {
	await page.route('**/model.safetensors', (route) => route.fulfill({ status: 404 }));
	await open(page);
	await pressStart(page);
	await openingGoesOn(page);
	await page.evaluate(async () => {
		await window.kqv!.midi.request();
		window.kqv!.midi.choose('loopback-1');
	});
	const latency = () => page.evaluate(() => window.kqv!.state.outputLatencySeconds);
	const usual = await latency();
	expect(usual).toBeGreaterThan(0);
	await page.getByLabel('Sound buffer').selectOption('long');
	await expect(page.getByText('In use when you stop and play again.')).toBeVisible();
	expect(await latency()).toBe(usual);
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(page.getByText('In use when you stop and play again.')).toHaveCount(0);
	const sent = await page.evaluate(() => globalThis.midiLoopback!.messages.length);
	await page.getByRole('button', { name: 'Play', exact: true }).click();
	await openingGoesOn(page);
	expect(await latency()).toBeGreaterThan(1.5 * usual);
	const after = await page.evaluate(() => globalThis.midiLoopback!.messages.length);
	expect(after).toBeGreaterThan(sent + 20);
});
