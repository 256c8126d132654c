/** The instrument in its own page, heard for a while with everything on. */
import type { Instrument } from '../../src/lib/instrumentHandle';
import type { BrowserPage } from '../browserPage';

/** What a browser says of its audio output (Web Audio API, AudioPlaybackStats). */
interface PlaybackStats {
	readonly underrunEvents: number;
	readonly underrunDuration: number;
	readonly totalDuration: number;
}

/** What the page keeps for the benchmark. */
interface Watched {
	readonly contexts: (AudioContext & { readonly playbackStats?: PlaybackStats })[];
	/** ms of each task of the main thread that took 50 ms or more */
	readonly tasks: number[];
}

declare global {
	// Put into the page before anything else runs in it.
	var audioBench: Watched | undefined;
}

/** Runs in the page before its own scripts. */
export function watchPage(): void {
	const watched: Watched = { contexts: [], tasks: [] };
	globalThis.audioBench = watched;
	const Native = globalThis.AudioContext;
	globalThis.AudioContext = class extends Native {
		constructor(options?: AudioContextOptions) {
			super(options);
			watched.contexts.push(this);
		}
	};
	new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) watched.tasks.push(duration);
	}).observe({ type: 'longtask', buffered: true });
}

export interface LiveFigures {
	/** s from the call of Start to the first sample that is heard, in a page that was just opened, and once more */
	readonly firstSoundCold: number;
	readonly firstSoundWarm: number;
	readonly seconds: number;
	/** null where the browser does not tell */
	readonly underruns: number | null;
	/** of each minute: whether they come at the beginning, now and then, or all the time */
	readonly underrunsByMinute: readonly number[] | null;
	readonly underrunSeconds: number | null;
	/** s that the browser keeps ready for the sound device */
	readonly baseLatency: number | null;
	/** of the main thread, while it played */
	readonly longTasks: number;
	readonly longestTaskMs: number;
	/** bars that were repeated because the model was late */
	readonly repeatedBars: number;
	/** processor time of the page by wall time: model, sound and picture together */
	readonly processorShare: number;
}

/** Starts, stops, starts again and listens for `minutes`. */
export async function listen(page: BrowserPage<Instrument>, minutes: number): Promise<LiveFigures> {
	const firstSoundCold = await page.ask(60, startAndWait, null);
	await page.ask(10, async (kqv) => kqv.stop(), null);
	await new Promise((resolve) => setTimeout(resolve, 1000));
	const firstSoundWarm = await page.ask(60, startAndWait, null);
	const before = await page.processorSeconds();
	const figures = await page.ask(minutes * 60 + 60, playOn, minutes * 60);
	const processorShare = ((await page.processorSeconds()) - before) / figures.seconds;
	return { firstSoundCold, firstSoundWarm, ...figures, processorShare };
}

/** In the page: seconds from Start to the first block of sound that is not silent. */
function startAndWait(kqv: Instrument): Promise<number> {
	return new Promise((resolve, reject) => {
		const began = performance.now();
		const off = kqv.on('audio', ({ left }) => {
			if (!left.some((sample) => Math.abs(sample) > 0.003)) return;
			off();
			resolve((performance.now() - began) / 1000);
		});
		kqv.start().catch(reject);
	});
}

/** In the page: plays every track, with all sends open, and counts what goes wrong. */
async function playOn(
	kqv: Instrument,
	seconds: number
): Promise<Omit<LiveFigures, 'firstSoundCold' | 'firstSoundWarm' | 'processorShare'>> {
	const watched = globalThis.audioBench!;
	for (const track of ['drums', 'bass', 'chords', 'lead', 'arp']) {
		kqv.set(`${track}.density`, 6);
		kqv.set(`${track}.reverb`, -14);
		kqv.set(`${track}.delay`, -20);
	}
	let repeatedBars = 0;
	kqv.on('bar', ({ repeated }) => (repeatedBars += Number(repeated)));
	const stats = () => watched.contexts.at(-1)?.playbackStats;
	const from = stats();
	const before = { events: from?.underrunEvents ?? 0, seconds: from?.underrunDuration ?? 0 };
	const tasksBefore = watched.tasks.length;
	const began = performance.now();
	const underrunsByMinute: number[] = [];
	for (let counted = before.events, left = seconds; left > 0; left -= 60) {
		await new Promise((resolve) => setTimeout(resolve, Math.min(left, 60) * 1000));
		const events = stats()?.underrunEvents ?? 0;
		underrunsByMinute.push(events - counted);
		counted = events;
	}
	const after = stats();
	const tasks = watched.tasks.slice(tasksBefore);
	return {
		seconds: (performance.now() - began) / 1000,
		underruns: after ? after.underrunEvents - before.events : null,
		underrunsByMinute: after ? underrunsByMinute : null,
		underrunSeconds: after ? after.underrunDuration - before.seconds : null,
		baseLatency: watched.contexts.at(-1)?.baseLatency ?? null,
		longTasks: tasks.length,
		longestTaskMs: Math.max(0, ...tasks),
		repeatedBars
	};
}
