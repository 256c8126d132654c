/**
 * The patch bay: cables are plugged, turned and taken away while the music plays, and are there at the next visit. One of
 * them carries the residuals, whose picture shows what it carries.
 */
import { expect, test, type Page } from '@playwright/test';
import { modelReady, open, pressStart, set } from './play';

async function openPatch(page: Page, track: string): Promise<void> {
	await page
		.getByRole('group', { name: 'Open a voice' })
		.getByRole('button', { name: track })
		.click();
	await page.getByRole('button', { name: 'Patch', exact: true }).click();
}

function cables(page: Page) {
	return page.evaluate(() => [...window.kqv!.patch.cables]);
}

test('a cable to a MIDI controller sends it with every note, before the note, while one from the residuals turns a knob and another is unplugged', async ({
	page
}) => {
	await open(page);
	await modelReady(page);
	await page.evaluate(async () => {
		await window.kqv!.midi.request();
		window.kqv!.midi.choose(window.kqv!.state.midi.outputs[0]!.id);
	});
	await pressStart(page);
	await openPatch(page, 'Acid bass');
	const patch = page.getByRole('group', { name: 'Patch of Acid bass' });
	const before = (await cables(page)).length;
	const rows = patch.getByRole('listitem');
	const own = await rows.count();

	await patch.getByRole('button', { name: 'Add a cable' }).click();
	await expect(rows).toHaveCount(own + 1);
	const added = rows.last();
	await added.getByRole('combobox', { name: /^What .* turns$/ }).selectOption({
		label: 'Controller of the channel'
	});
	await added.getByRole('slider', { name: /^Amount of breadth of attention/ }).press('End');
	await set(page, { 'patch.amount': 100 });
	expect(await cables(page)).toHaveLength(before + 1);
	expect((await cables(page)).at(-1)).toMatchObject({
		track: 'bass',
		target: { controller: 74, rest: 64 },
		amount: 1
	});

	await patch.getByRole('button', { name: 'Add a cable' }).click();
	await expect(rows).toHaveCount(own + 2);
	await rows.last().getByRole('combobox', { name: 'Signal' }).selectOption('feature');
	await rows
		.last()
		.getByRole('combobox', { name: /^What .* turns$/ })
		.selectOption('bass.drive');
	await rows
		.last()
		.getByRole('button', { name: /^More of/ })
		.click();
	await rows
		.last()
		.getByRole('group', { name: 'Directions' })
		.getByRole('button', { name: '1' })
		.click();
	expect((await cables(page)).at(-1)).toMatchObject({ signal: 'feature', directions: [0] });
	await page.evaluate(() => {
		const turned: number[] = [];
		Object.assign(window, { turned });
		window.kqv!.on('turn', ({ id, value }) => {
			if (id === 'bass.drive') turned.push(value);
		});
	});

	const channel = await page.evaluate(() => window.kqv!.get('bass.channel'));
	const bassMessages = () =>
		page.evaluate(
			(status) =>
				globalThis.midiLoopback!.messages.filter(({ data }) => (data[0]! & 0x0f) === status),
			channel
		);
	const isController = ({ data }: { data: readonly number[] }) =>
		data[0]! >> 4 === 0xb && data[1] === 74;
	const controllers = async () => (await bassMessages()).filter(isController);
	await expect
		.poll(async () => (await controllers()).length, { timeout: 60_000 })
		.toBeGreaterThan(4);
	const messages = await bassMessages();
	for (const [i, sent] of messages.entries()) {
		if (!isController(sent)) continue;
		const next = messages.slice(i + 1).find(({ data }) => data[0]! >> 4 === 0x9);
		expect(next?.timestamp, 'the note of a controller').toBe(sent.timestamp);
	}
	expect(new Set((await controllers()).map(({ data }) => data[2])).size).toBeGreaterThan(2);

	await expect
		.poll(() =>
			page.evaluate(() => {
				const { patch: bay } = window.kqv!;
				return bay.cables.filter((cable) => bay.carried(cable) !== null).length;
			})
		)
		.toBeGreaterThan(2);

	const drives = () => page.evaluate(() => (window as unknown as { turned: number[] }).turned);
	await expect.poll(async () => new Set(await drives()).size).toBeGreaterThan(2);
	const picture = page.getByRole('img', { name: /^Four directions hold \d+ % of the latest 64/ });
	await expect(picture).toBeVisible();
	await expect(page.getByText(/^\d\.\d\d×$/), 'the lead of the first direction').toBeVisible();

	await rows
		.first()
		.getByRole('button', { name: /^Unplug/ })
		.click();
	await expect(rows).toHaveCount(own + 1);
	expect(await cables(page)).toHaveLength(before + 1);
	expect(await page.evaluate(() => window.kqv!.state.phase)).toBe('playing');
});

test('a patch is remembered, a preset replaces it, and what cannot be read gives the first patch back', async ({
	page
}) => {
	await open(page);
	await page.getByRole('button', { name: 'Start' }).click();
	await openPatch(page, 'Acid bass');
	const patch = page.getByRole('group', { name: 'Patch of Acid bass' });
	const choice = patch.getByRole('combobox', { name: 'Patch' });
	await expect(choice).toHaveValue('Balanced');
	const first = patch.getByRole('listitem').first();
	await first.getByRole('button', { name: /^More of/ }).click();
	await first.getByRole('combobox', { name: 'Answers' }).selectOption('late');
	await first.getByRole('group', { name: 'Layers' }).getByRole('button', { name: '2' }).click();
	await first.getByRole('slider', { name: 'Smoothing' }).press('PageUp');
	await expect(choice).toHaveValue('');
	const mine = await cables(page);
	expect(mine[0]).toMatchObject({ curve: 'late', layers: [1], smoothing: 0.8 });

	await patch.getByRole('button', { name: 'Keep as…' }).click();
	const field = patch.getByRole('textbox', { name: 'Name of the patch' });
	await expect(field).toBeFocused();
	await field.fill('Acid');
	await field.press('Enter');
	await expect(patch.getByText('Choose another name')).toBeVisible();
	await field.fill('Friday set');
	await field.press('Enter');
	await expect(choice).toHaveValue('Friday set');

	await page.reload();
	await page.waitForFunction(() => window.kqv !== undefined);
	expect(await cables(page)).toEqual(mine);

	await page.getByRole('button', { name: 'Start' }).click();
	await openPatch(page, 'Acid bass');
	await choice.selectOption('Nothing');
	expect(await cables(page)).toEqual([]);
	await expect(patch.getByText('No cable hangs on these notes.')).toBeVisible();
	await choice.selectOption('Friday set');
	expect(await cables(page)).toEqual(mine);
	await patch.getByRole('button', { name: 'Forget' }).click();
	await expect(choice).toHaveValue('');
	expect(await page.evaluate(() => window.kqv!.patch.kept)).toEqual([]);
	expect(await cables(page), 'the cables stay plugged').toEqual(mine);

	await page.evaluate(() => {
		localStorage.setItem('kqv.patch', '[{"signal":');
	});
	await page.reload();
	await page.waitForFunction(() => window.kqv !== undefined);
	expect((await cables(page)).length).toBeGreaterThan(10);
	expect(
		await page.evaluate(() => {
			try {
				window.kqv!.patch.set([{ ...window.kqv!.patch.cables[0]!, signal: 'mood' as never }]);
				return 'taken';
			} catch (error) {
				return String(error);
			}
		})
	).toContain("can't be plugged in");
});
