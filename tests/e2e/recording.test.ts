/** Recording: sound and notes are kept while they play, taken away as files, and found again after a crash. */
import { readFile } from 'node:fs/promises';
import MidiPackage from '@tonejs/midi';
import { expect, test, type Download, type Page } from '@playwright/test';
import { modelReady, open, pressStart } from './play';

/** Seconds and highest sample of a 24-bit stereo WAV file. */
async function wavFacts(download: Download): Promise<{ seconds: number; peak: number }> {
	const bytes = await readFile(await download.path());
	const rate = bytes.readUInt32LE(24);
	const frames = bytes.readUInt32LE(40) / 6;
	expect(bytes.length).toBe(44 + frames * 6);
	let peak = 0;
	for (let at = 44; at + 3 <= bytes.length; at += 3)
		peak = Math.max(peak, Math.abs(bytes.readIntLE(at, 3)) / 0x7fffff);
	return { seconds: frames / rate, peak };
}

async function recordedSeconds(page: Page): Promise<number> {
	return page.evaluate(() => {
		const { recording } = window.kqv!.state;
		return recording.phase === 'on' ? recording.seconds : -1;
	});
}

async function recordFor(page: Page, seconds: number): Promise<void> {
	await page.getByRole('button', { name: 'Record', exact: true }).click();
	await expect.poll(() => recordedSeconds(page), { timeout: 60_000 }).toBeGreaterThan(seconds);
}

async function openList(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Recordings' }).click();
}

test('a recording is taken away as sound and notes, and deleted', async ({ page }) => {
	await open(page);
	await modelReady(page);
	await pressStart(page);
	await recordFor(page, 4);
	const { tempo, safe } = await page.evaluate(() => {
		const { recording } = window.kqv!.state;
		const seconds = recording.phase === 'on' ? recording.seconds : 0;
		return { tempo: window.kqv!.get('transport.tempo'), safe: seconds };
	});
	await page.getByRole('button', { name: 'Record', exact: true }).click();
	await page.waitForFunction(() => window.kqv!.state.recording.phase === 'off');

	await openList(page);
	const dialog = page.getByRole('dialog', { name: 'Recordings' });
	await expect(dialog.getByRole('listitem')).toHaveCount(1);
	const [wav] = await Promise.all([
		page.waitForEvent('download'),
		dialog.getByRole('button', { name: 'WAV' }).click()
	]);
	expect(wav.suggestedFilename()).toMatch(/^set [\d-]+ [\d.]+\.wav$/);
	const { seconds, peak } = await wavFacts(wav);
	expect(seconds).toBeGreaterThanOrEqual(safe);
	expect(peak).toBeGreaterThan(0.05);
	expect(peak).toBeLessThan(0.9);

	const [file] = await Promise.all([
		page.waitForEvent('download'),
		dialog.getByRole('button', { name: 'MIDI' }).click()
	]);
	const midi = new MidiPackage.Midi(await readFile(await file.path()));
	expect(midi.header.tempos[0]!.bpm).toBeCloseTo(tempo, 1);
	expect(midi.tracks.length).toBeGreaterThan(1);
	expect(midi.tracks.find(({ name }) => name === 'Drums')!.channel).toBe(9);
	const count = midi.tracks.reduce((sum, { notes }) => sum + notes.length, 0);
	expect(count).toBeGreaterThan(20);

	const [bounced] = await Promise.all([
		page.waitForEvent('download', { timeout: 60_000 }),
		dialog.getByRole('button', { name: 'Bounce' }).click()
	]);
	expect(bounced.suggestedFilename()).toMatch(/ bounced\.wav$/);
	const anew = await wavFacts(bounced);
	expect(anew.seconds).toBeGreaterThan(seconds - 2);
	expect(anew.peak).toBeGreaterThan(peak / 3);
	expect(anew.peak).toBeLessThan(0.9);

	const stems: string[] = [];
	page.on('download', (download) => stems.push(download.suggestedFilename()));
	const stemsButton = dialog.getByRole('button', { name: 'Stems' });
	await stemsButton.click();
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await expect(stemsButton).toBeVisible();
	await expect(dialog.getByRole('alert')).toHaveCount(0);
	expect(stems.length).toBeLessThan(2);
	stems.length = 0;
	await stemsButton.click();
	await expect(dialog.getByRole('progressbar')).toBeVisible();
	await expect(dialog.getByRole('button', { name: 'Delete', exact: true })).toBeVisible({
		timeout: 120_000
	});
	expect(stems).toContainEqual(expect.stringMatching(/ drums\.wav$/));
	expect(new Set(stems).size).toBe(stems.length);

	await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
	await dialog.getByRole('button', { name: 'Really delete' }).click();
	await expect(dialog).toContainText('Nothing has been recorded yet');
});

test('what a dying page has recorded is found again, but for its last second', async ({
	page,
	context
}) => {
	await open(page);
	await modelReady(page);
	await pressStart(page);
	await recordFor(page, 3);
	const safe = await recordedSeconds(page);
	await page.close({ runBeforeUnload: false });

	const next = await context.newPage();
	await open(next);
	const found = await next.evaluate(async () => {
		const [recording] = await window.kqv!.recordings.list();
		const midi = await window.kqv!.recordings.midi(recording!.name);
		return { seconds: recording!.seconds, midiBytes: midi.size };
	});
	expect(found.seconds).toBeGreaterThanOrEqual(safe);
	expect(found.midiBytes).toBeGreaterThan(100);
});
