/** The page about weights: measuring, spectra, a piece, the number that made a note, and the piece on the instrument. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import MidiPackage from '@tonejs/midi';
import { expect, test, type Page } from '@playwright/test';
import { promptOf } from '../../src/lib/sonify/prompt';
import { STYLES } from '../../src/lib/music/vocabulary';
import { installMidiLoopback } from '../fixtures/midiLoopback';
import { countBars, generatedBars, keptBars, pressStart } from './play';

const LLAMA = fileURLToPath(new URL('../fixtures/decoder/llama', import.meta.url));

async function open(page: Page): Promise<string[]> {
	const faults: string[] = [];
	page.on('pageerror', ({ message }) => faults.push(message));
	await page.addInitScript(installMidiLoopback, {});
	await page.goto('/weights');
	await expect(page.getByTestId('tensor')).toBeVisible({ timeout: 60_000 });
	return faults;
}

/** Touches a note on the canvas: a place that is looked for where the pointer says that one lies there, and not at its edge. */
async function touchNote(page: Page): Promise<void> {
	const roll = page.getByTestId('roll');
	const { width, height } = (await roll.boundingBox())!;
	async function liesOnNote(x: number, y: number): Promise<boolean> {
		await roll.hover({ position: { x, y } });
		return roll.evaluate((canvas) => canvas.parentElement!.classList.contains('pointing'));
	}
	for (let x = Math.round(width * 0.3); x < width - 10; x += 17) {
		for (let y = Math.round(height) - 6; y > 40; y -= 4) {
			if (!(await liesOnNote(x, y))) continue;
			if (!(await liesOnNote(x + 2, y)) || !(await liesOnNote(x - 2, y))) continue;
			await roll.click({ position: { x, y } });
			return;
		}
	}
	throw new Error('No note lies on the score.');
}

test('measures the shipped model, tells which number made a note, and plays the piece', async ({
	page
}) => {
	const faults = await open(page);
	await expect(page.getByRole('heading', { name: 'kqv-small', level: 2 })).toBeVisible();
	const spectrum = page.getByRole('img', { name: /^Spectrum/ });
	await expect(spectrum).toHaveAccessibleName(/48 singular values, from [\d.]+ to [\d.]+/);

	await page.getByRole('button', { name: /^Layer 2, down:/ }).click();
	await expect(page.getByTestId('tensor')).toContainText('layers.1.mlp.down_proj.weight');

	// A note of the acid piece, and the number that made it.
	await touchNote(page);
	const marked = await page.getByTestId('marked').innerText();
	const named = await page.evaluate(() => {
		const { notes } = window.kqv!.scores.opened!;
		return notes.map(({ source }) => [source.tensor, source.value] as const);
	});
	const tensor = await page.getByTestId('tensor').locator('code').innerText();
	const value = Number(marked.split(':').at(-1));
	const made = named.find(
		([name, number]) => name === tensor && Math.abs(number - value) <= 1e-3 * Math.abs(value)
	);
	expect(made, `${tensor} ${marked}`).toBeDefined();

	// It sounds, on loudspeakers and MIDI.
	await page.evaluate(async () => {
		const kqv = window.kqv!;
		await kqv.midi.request();
		kqv.midi.choose(kqv.state.midi.outputs[0]!.id);
		const heard = { peak: 0, bars: [] as number[], turns: 0 };
		Object.assign(window, { heard });
		kqv.on('audio', ({ left }) => {
			for (const sample of left) heard.peak = Math.max(heard.peak, Math.abs(sample));
		});
		kqv.on('note', ({ note }) =>
			heard.bars.push(Math.floor(kqv.scores.opened!.notes[note.frames.first]!.beat / 4))
		);
		kqv.on('turn', () => heard.turns++);
	});
	await page.getByRole('button', { name: 'Play', exact: true }).click();
	await expect.poll(() => page.evaluate(() => window.kqv!.scores.beat())).toBeGreaterThan(1);
	const heard = () =>
		page.evaluate(
			() => (window as unknown as { heard: { peak: number; bars: number[]; turns: number } }).heard
		);
	await expect.poll(async () => (await heard()).peak).toBeGreaterThan(0.02);
	expect((await heard()).turns).toBeGreaterThan(0);
	expect(await page.evaluate(() => globalThis.midiLoopback!.messages.length)).toBeGreaterThan(0);

	// Elsewhere, and round.
	await page.getByRole('slider', { name: 'Place in the piece' }).focus();
	await page.keyboard.press('PageDown');
	await expect.poll(async () => (await heard()).bars.at(-1)).toBeGreaterThanOrEqual(8);
	await page.getByRole('group', { name: 'Sections' }).getByRole('button').first().click();
	await expect.poll(async () => (await heard()).bars.at(-1)).toBeLessThan(8);
	await page.getByRole('button', { name: 'Loop section' }).click();
	expect(await page.evaluate(() => window.kqv!.state.score!.loop!.from)).toBe(0);
	await page.keyboard.press(' ');
	await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
	expect(faults).toEqual([]);
});

test('keeps what was measured, makes every piece, and saves it as MIDI', async ({ page }) => {
	const faults = await open(page);
	await page.reload();
	await expect(page.getByText('before, and kept by this browser')).toBeVisible({ timeout: 30_000 });
	for (const name of ['House', 'Opera', 'Weight DNA', 'Acid']) {
		await page.getByRole('radio', { name }).check();
		await expect(page.getByTestId('facts')).toContainText('notes');
	}
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save MIDI' }).click();
	const file = await download;
	expect(file.suggestedFilename()).toBe('kqv-small acid.mid');
	const midi = new MidiPackage.Midi(await readFile(await file.path()));
	const { notes, bars } = await page.evaluate(() => {
		const score = window.kqv!.scores.opened!;
		return { notes: score.notes.length, bars: score.bars };
	});
	expect(midi.tracks.reduce((sum, track) => sum + track.notes.length, 0)).toBe(notes);
	expect(midi.durationTicks).toBeLessThanOrEqual(bars * 4 * midi.header.ppq);

	// A rendering that is given up leaves no trace.
	await page.getByRole('button', { name: 'Save WAV' }).click();
	await expect(page.getByRole('progressbar', { name: 'Rendering of the piece' })).toBeVisible();
	await page.getByRole('button', { name: 'Cancel' }).click();
	await expect(page.getByRole('button', { name: 'Save WAV' })).toBeVisible();
	await expect(page.getByRole('alert')).toHaveCount(0);
	expect(faults).toEqual([]);
});

test('hands the end of a section to the jam, whose model reads it and goes on from it', async ({
	page
}) => {
	await page.addInitScript(() => {
		const contexts: AudioContext[] = [];
		Object.assign(window, { contexts });
		window.AudioContext = class extends AudioContext {
			constructor(options?: AudioContextOptions) {
				super(options);
				contexts.push(this);
			}
		};
	});
	const faults = await open(page);
	await expect(page.getByTestId('key')).toContainText(
		/(plain|likely|close).* \(confidence 0\.\d\d/
	);
	const { score, styles } = await page.evaluate(() => {
		const { scores, state } = window.kqv!;
		scores.seek(scores.opened!.sections[2]!.beat / 4);
		return { score: scores.opened!, styles: state.styles };
	});
	const drop = score.sections[2]!;
	const range = { from: drop.beat / 4, to: drop.beat / 4 + drop.bars };
	const prompt = promptOf(score, range, styles);
	expect(STYLES[prompt.style]).toBe('acid');
	const hand = page.getByTestId('hand');
	await expect(hand.getByLabel('Which bars')).toContainText(`bars ${range.to - 3} to ${range.to}`);
	await expect(hand).toContainText('style acid');
	await page.evaluate(() => window.kqv!.start());
	await hand.getByRole('button', { name: 'Hand to the jam' }).click();

	// The jam says what it begins with, and stands as the piece does.
	const opening = page.getByTestId('opening');
	await expect(opening).toContainText(`Acid of kqv-small, bars ${range.to - 3} to ${range.to}`);
	await page.waitForFunction(() => window.kqv!.state.opening !== null);
	const knobs = ['model.style', 'model.key', 'model.mode', 'transport.tempo'];
	expect(await page.evaluate((ids) => ids.map((id) => window.kqv!.get(id)), knobs)).toEqual([
		prompt.style,
		1 + prompt.key,
		1 + prompt.mode,
		138
	]);

	// The bars sound, the model reads their tokens, and what it writes stands behind them.
	await countBars(page);
	await page.evaluate(() => {
		const heard = { read: [] as number[], played: [] as number[] };
		Object.assign(window, { heard });
		window.kqv!.on('frames', (frames) => {
			for (const { index, token } of frames) heard.read[index] = token;
		});
		window.kqv!.on('bar', ({ tokens, generated, repeated }) => {
			if (!generated && !repeated) heard.played.push(...tokens);
		});
	});
	await pressStart(page);
	await generatedBars(page, 1, 90_000);
	/** one page sounds at a time */
	const contexts = await page.evaluate(() =>
		(window as unknown as { contexts: AudioContext[] }).contexts.map(({ state }) => state)
	);
	expect(contexts).toEqual(['closed', 'running']);
	const { read, played } = await page.evaluate(
		() => (window as unknown as { heard: { read: number[]; played: number[] } }).heard
	);
	expect(played).toEqual(prompt.tokens);
	expect(read.slice(0, prompt.tokens.length)).toEqual(prompt.tokens);
	const [written] = await keptBars(page);
	expect(read.slice(prompt.tokens.length, prompt.tokens.length + written!.length)).toEqual(written);

	// It begins so again, until somebody goes back to the usual opening.
	await page.evaluate(() => window.kqv!.stop());
	await opening.getByRole('button', { name: 'Usual opening' }).click();
	await expect(opening).toBeHidden();
	await page.evaluate(() => window.kqv!.start());
	const usual = await page.evaluate(
		() => (window as unknown as { heard: { played: number[] } }).heard.played
	);
	expect(usual.slice(0, played.length)).toEqual(played);
	expect(usual.slice(played.length)).not.toEqual(played);
	expect(await page.evaluate(() => window.kqv!.get('model.key'))).toBe(0);
	await page.reload();
	await page.waitForFunction(() => window.kqv !== undefined);
	expect(await page.evaluate(() => window.kqv!.state.opening)).toBeNull();
	expect(faults).toEqual([]);
});

test('opens another model from a folder, says what is wrong with one that is none, and fits a phone', async ({
	page
}) => {
	const faults = await open(page);
	await page.getByText('Open another model').click();
	await page.locator('input[type=file]').setInputFiles(LLAMA);
	await expect(page.getByRole('heading', { name: 'llama', level: 2 })).toBeVisible();
	await page.getByLabel('Address of its folder').fill('http://localhost:4199/nothing');
	await page.getByRole('button', { name: 'Load' }).click();
	await expect(page.getByRole('alert')).toContainText(/nothing/);
	await expect(page.getByRole('heading', { name: 'llama', level: 2 })).toBeVisible();

	await page.getByText('Voices, mixer and MIDI').click();
	await page.setViewportSize({ width: 390, height: 844 });
	for (const colorScheme of ['dark', 'light'] as const) {
		await page.emulateMedia({ colorScheme });
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
	}
	await page.getByRole('button', { name: 'Back to the composer' }).click();
	await expect(page.getByRole('heading', { name: 'kqv-small', level: 2 })).toBeVisible();
	expect(faults).toEqual([]);
});
