/** Writes takes with the instrument's own writer: the opening of the style as context, then bar after bar. */
import { BarWriter } from '../src/lib/generate/barWriter';
import { openingOf } from '../src/lib/generate/openings';
import type { WrittenBar } from '../src/lib/generate/protocol';
import type { Decoder } from '../src/lib/model/decoder';
import { STYLES } from '../src/lib/music/vocabulary';
import { FrameStore } from '../src/lib/signals/frameStore';
import type { Signals } from '../src/lib/signals/normaliser';
import { controlsOfBars, type TakePlan } from './plan';
import { takeBars, type TakeBar } from './take';

export interface WrittenTake {
	readonly bars: readonly TakeBar[];
	/** what the model attended to, for each token of the take: it turns the knobs of the voices */
	readonly signals: readonly Signals[];
}

/** The first `barCount` bars of a take, by default all. The decoder's sequence begins anew. */
export async function writeTake(
	decoder: Decoder,
	plan: TakePlan,
	barCount = Infinity
): Promise<WrittenTake> {
	const controls = controlsOfBars(plan).slice(0, barCount);
	const writer = new BarWriter(decoder);
	const frames = new FrameStore(decoder.config.window);
	const { tokens: opening } = openingOf(STYLES[controls[0]!.style]!);
	for (const bar of await writer.begin(opening, goOn)) frames.push(bar.frames);
	const bars: WrittenBar[] = [];
	for (const [index, wanted] of controls.entries()) {
		if (wanted !== controls[index - 1]) await writer.rewind(writer.written);
		const bar = (await writer.writeBar(wanted, goOn))!;
		frames.push(bar.frames);
		bars.push(bar);
	}
	const { firstFrame } = bars[0]!;
	const last = bars.at(-1)!;
	return {
		bars: takeBars(bars.map(({ tokens }) => tokens)),
		signals: frames.signals(firstFrame, last.firstFrame + last.tokens.length - 1)
	};
}

async function goOn(): Promise<boolean> {
	return true;
}
