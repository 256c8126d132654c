/** Models from everywhere: by address with progress, from the browser's own storage, from a folder; and on another engine. */
import { expect, test, type Page } from '@playwright/test';
import { startModelServer, type ModelServer } from './modelServer';
import {
	chooseEngine,
	countBars,
	expectMusicGoesOn,
	generatedBars,
	modelReady,
	open,
	pressStart
} from './play';

let server: ModelServer;

test.beforeEach(async () => {
	server = await startModelServer();
	server.replace('instrument.json', (json) => ({ ...json, name: 'another' }));
});

test.afterEach(() => server.close());

/** Opens the page, waits for its model, starts, opens the panel of the model. */
async function openPanel(page: Page): Promise<void> {
	await open(page);
	await modelReady(page);
	await countBars(page);
	await pressStart(page);
	await page.getByTestId('engine').click();
}

async function load(page: Page, address: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Address of a model' }).fill(address);
	await page.getByRole('button', { name: 'Load', exact: true }).click();
}

async function modelCalled(page: Page, name: string) {
	await page.waitForFunction(
		(wanted) => {
			const { model, nextModel } = window.kqv!.state;
			return model.phase === 'ready' && model.model.name === wanted && nextModel === null;
		},
		name,
		{ timeout: 60_000 }
	);
	return modelReady(page);
}

function weightRequests(): string[] {
	return server.requests.filter((request) => request.startsWith('model.safetensors'));
}

test('a model loads by its address with progress, plays, and leads back to the shipped one', async ({
	page
}) => {
	await openPanel(page);
	server.holdAfter(6_000_000);
	await load(page, `${server.address}/config.json?download=true`);
	const loading = page.getByTestId('loading');
	await expect(loading).toContainText(/model\.safetensors\s*6\.\d of 10\.4 MB/);
	await expect(loading.getByRole('progressbar')).toBeVisible();
	await expect(loading.getByRole('status')).toContainText('50 percent');
	await expect(page.getByTestId('engine')).toContainText('New model');
	await expectMusicGoesOn(page);
	server.goOn();
	expect(await modelCalled(page, 'another')).toMatchObject({
		from: 'address',
		place: `${server.address}/`,
		verification: 'stored'
	});
	await expectMusicGoesOn(page);
	await page.getByRole('button', { name: 'Back to the shipped model' }).click();
	expect((await modelCalled(page, 'kqv-small')).from).toBe('site');
	await expectMusicGoesOn(page);
});

test('cancelling leaves the model in use playing; loading again goes on from there', async ({
	page
}) => {
	await openPanel(page);
	server.holdAfter(3_000_000);
	await load(page, server.address);
	await expect(page.getByTestId('loading')).toContainText(/3\.\d of 10\.4 MB/);
	await page.getByRole('button', { name: 'Cancel' }).click();
	await expect(page.getByTestId('loading')).toHaveCount(0);
	expect((await modelReady(page)).name).toBe('kqv-small');
	await expect(page.getByRole('alert')).toHaveCount(0);
	await expectMusicGoesOn(page);
	server.goOn();
	server.requests.length = 0;
	await load(page, server.address);
	await modelCalled(page, 'another');
	expect(weightRequests()).toEqual([`model.safetensors bytes=${2 * 1024 * 1024}-`]);
	await expectMusicGoesOn(page);
});

test('a model of another language is refused in words, and the one in use goes on', async ({
	page
}) => {
	server.replace('config.json', (json) => ({ ...json, vocab_size: 50_257 }));
	server.replace('instrument.json', null);
	await openPanel(page);
	await load(page, server.address);
	await expect(page.getByRole('alert')).toContainText("can't compose here");
	expect(weightRequests()).toEqual([]);
	await expectMusicGoesOn(page);
});

test('the second visit takes the weights from the browser; a damaged copy is fetched again', async ({
	page
}) => {
	const weights: string[] = [];
	page.on('request', (request) => {
		if (request.url().endsWith('.safetensors')) weights.push(request.url());
	});
	await open(page);
	await modelReady(page);
	expect(weights).toHaveLength(1);
	await page.reload();
	await page.waitForFunction(() => window.kqv !== undefined);
	await modelReady(page);
	expect(weights).toHaveLength(1);

	await page.evaluate(async () => {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle('models');
		for await (const name of folder.keys()) {
			if (!name.endsWith('.weights')) continue;
			const file = await folder.getFileHandle(name);
			const stream = await file.createWritable({ keepExistingData: true });
			await stream.write({ type: 'write', position: 3_000_000, data: new Uint8Array(64).fill(7) });
			await stream.close();
		}
	});
	await page.reload();
	await page.waitForFunction(() => window.kqv !== undefined);
	await modelReady(page);
	expect(weights).toHaveLength(2);
	const notices = await page.evaluate(() => window.kqv!.state.notices.map((one) => one.message));
	expect(notices.join()).toContain('was damaged, so it is fetched again');
});

test('a folder of a person loads, chosen or dropped', async ({ page }) => {
	await openPanel(page);
	await page.locator('input[webkitdirectory]').setInputFiles('static/models/kqv-small');
	await page.waitForFunction(() => {
		const { model } = window.kqv!.state;
		return model.phase === 'ready' && model.model.from === 'files';
	});
	expect((await modelReady(page)).place).toBe('kqv-small');
	await expectMusicGoesOn(page);

	await page.evaluate(() => {
		window.kqv!.loadModel('shipped');
	});
	await page.waitForFunction(() => {
		const { model } = window.kqv!.state;
		return model.phase === 'ready' && model.model.from === 'site';
	});
	const drag = await page.evaluateHandle(async () => {
		const transfer = new DataTransfer();
		for (const name of ['config.json', 'instrument.json', 'model.safetensors']) {
			const response = await fetch(`/models/kqv-small/${name}`);
			transfer.items.add(new File([await response.blob()], name));
		}
		return transfer;
	});
	await page.locator('body').dispatchEvent('dragenter', { dataTransfer: drag });
	await expect(page.getByTestId('drop-target')).toBeVisible();
	await page.locator('body').dispatchEvent('drop', { dataTransfer: drag });
	await expect(page.getByTestId('drop-target')).toHaveCount(0);
	await page.waitForFunction(() => {
		const { model } = window.kqv!.state;
		return model.phase === 'ready' && model.model.from === 'files';
	});
	await expectMusicGoesOn(page);
});

test('the engine can be chosen by hand, and the page says why it runs', async ({ page }) => {
	await openPanel(page);
	const panel = page.locator('#engine-details');
	await expect(panel).toContainText('emulated in software');
	for (const [name, engine] of [
		['TypeScript', 'cpu'],
		['WebAssembly', 'wasm']
	] as const) {
		await panel.getByRole('radio', { name }).check();
		await chooseEngine(page, engine);
		await expect(panel).toContainText('chosen by you');
		await expect(page.getByTestId('engine')).toContainText(name);
		await expectMusicGoesOn(page);
	}
});

test('a head opens to its attention, keeps up with the music, and asks nothing once it is closed', async ({
	page
}) => {
	await open(page);
	await modelReady(page);
	await countBars(page);
	await page.evaluate(() => {
		const { inspect } = window.kqv!;
		let asked = 0;
		Object.assign(window.kqv!, {
			inspect: (question: Parameters<typeof inspect>[0]) => {
				Object.assign(window, { asked: ++asked });
				return inspect(question);
			}
		});
	});
	const asked = () => page.evaluate(() => (window as unknown as { asked?: number }).asked ?? 0);
	await pressStart(page);
	await generatedBars(page, 1, 60_000);
	await page.getByRole('button', { name: 'Layer 4, head 2' }).click();
	const view = page.getByRole('dialog', { name: 'Layer 4, head 2' });
	const row = view.getByRole('slider', { name: /Attention of this head/ });
	await expect(row).toBeVisible();
	const before = Number(await row.getAttribute('aria-valuenow'));
	await generatedBars(page, 3, 60_000);
	expect(Number(await row.getAttribute('aria-valuenow'))).toBeGreaterThan(before + 20);
	await row.focus();
	await page.keyboard.press('PageUp');
	await page.keyboard.press('ArrowUp');
	await expect(view.getByRole('button', { name: 'Follow the latest' })).toBeVisible();
	const chosen = await row.getAttribute('aria-valuenow');
	await expect(view.getByRole('heading', { name: `(${chosen})` })).toBeVisible();
	await expect(view.getByText('After layer 6')).toBeAttached();
	await page.keyboard.press('Escape');
	await expect(view).toHaveCount(0);
	await page.waitForTimeout(1000);
	const afterwards = await asked();
	expect(afterwards).toBeGreaterThan(5);
	await page.waitForTimeout(1500);
	expect(await asked()).toBe(afterwards);
	await expectMusicGoesOn(page);
});
