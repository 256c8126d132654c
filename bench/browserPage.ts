/** A headless Chromium with one page in it, whose functions are called from here. */
import { chromium, type JSHandle } from 'playwright';
import { CHROMIUM_FLAGS, findChromium } from '../scripts/chromium.mjs';

/** `Functions` is what the page keeps in `window` for its caller. */
export interface BrowserPage<Functions> {
	/** of Chromium */
	readonly version: string;
	/** Calls `question` in the page: it sees nothing but its arguments. Throws when there is no answer in time. */
	ask<Answer, Argument>(
		seconds: number,
		question: (functions: Functions, argument: Argument) => Promise<Answer>,
		argument: Argument
	): Promise<Answer>;
	/** Processor time that the page has had since it was opened, its threads together, seconds. */
	processorSeconds(): Promise<number>;
	close(): Promise<void>;
}

export interface BrowserPageOptions {
	/** where in `window` the page keeps its functions */
	readonly name: string;
	/** of Chromium; default: those of the tests, with WebGPU on SwiftShader */
	readonly flags?: readonly string[];
	/** runs in the page before its own scripts; it sees nothing of what surrounds it */
	readonly before?: () => void;
	/** told of errors that nobody in the page catches */
	readonly onError?: (text: string) => void;
}

/** Opens `url` and waits until the functions are there. */
export async function openBrowserPage<Functions>(
	url: string,
	{ name, flags = CHROMIUM_FLAGS, before, onError }: BrowserPageOptions
): Promise<BrowserPage<Functions>> {
	const executablePath = findChromium();
	const browser = await chromium.launch({
		args: [...flags],
		...(executablePath && { executablePath })
	});
	try {
		const page = await browser.newPage();
		if (before) await page.addInitScript(before);
		const system = await browser.newBrowserCDPSession();
		const crashed = new Promise<never>((_, reject) => {
			page.on('crash', () => reject(new Error('the page crashed (out of memory?)')));
		});
		crashed.catch(() => undefined); // told to those who ask
		page.on('pageerror', (error) => onError?.(error.message));
		await page.goto(url);
		await page.waitForFunction((key) => key in window, name);
		const functions: JSHandle<unknown> = await page.evaluateHandle(
			(key) => (window as unknown as Record<string, unknown>)[key],
			name
		);
		return {
			version: browser.version(),
			async ask<Answer, Argument>(
				seconds: number,
				question: (functions: Functions, argument: Argument) => Promise<Answer>,
				argument: Argument
			) {
				let timer: NodeJS.Timeout | undefined;
				const late = new Promise<never>((_, reject) => {
					timer = setTimeout(
						() => reject(new Error(`no answer within ${seconds} s`)),
						seconds * 1000
					);
				});
				try {
					const answered = functions.evaluate(
						question as (functions: unknown, argument: unknown) => Promise<Answer>,
						argument as unknown
					);
					return await Promise.race([answered, late, crashed]);
				} finally {
					clearTimeout(timer);
				}
			},
			async processorSeconds() {
				const { processInfo } = await system.send('SystemInfo.getProcessInfo');
				return processInfo
					.filter(({ type }) => type === 'renderer')
					.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
			},
			close: () => browser.close()
		};
	} catch (error) {
		await browser.close();
		throw error;
	}
}
