/** The untrained twin: made in the page while the music plays, named for what it is, and given back for the trained model. */
import { expect, test } from '@playwright/test';
import { countBars, expectMusicGoesOn, modelReady, open, pressStart } from './play';

test('the untrained twin takes over without a download, writes bars, and gives way to the trained model', async ({
	page
}) => {
	await open(page);
	await modelReady(page);
	await countBars(page);
	await pressStart(page);
	const line = page.getByTestId('engine');
	await line.click();
	const panel = page.locator('#engine-details');
	const trained = panel.getByRole('button', { name: 'Trained', exact: true });
	await expect(trained).toHaveAttribute('aria-pressed', 'true');
	const fetched: string[] = [];
	page.on('request', (request) => {
		if (request.url().includes('/models/')) fetched.push(request.url());
	});

	await panel.getByRole('button', { name: 'Untrained twin' }).click();
	await expect(panel).toContainText('kqv-small, untrained (seed 1)', { timeout: 60_000 });
	await expect(panel).toContainText('million, random');
	await expect(panel).toContainText('answers as the TypeScript engine does');
	await expect(line).toContainText('Untrained twin');
	await expectMusicGoesOn(page);

	await panel.getByRole('button', { name: 'Another seed' }).click();
	await expect(panel).toContainText('untrained (seed 2)', { timeout: 60_000 });

	await trained.click();
	await expect(trained).toHaveAttribute('aria-pressed', 'true', { timeout: 60_000 });
	expect((await modelReady(page)).name).toBe('kqv-small');
	await expect(line).not.toContainText('Untrained');
	await expectMusicGoesOn(page);
	expect(fetched).toEqual([]);
	await expect(page.getByRole('alert')).toHaveCount(0);
});
