/** Writes takes with the instrument's own writer: the opening of the style as context, then bar after bar. */
import { BarWriter } from '../src/lib/generate/barWriter';
import { openingFor } from '../src/lib/generate/openings';
import type { WrittenBar } from '../src/lib/generate/protocol';
import type { Decoder } from '../src/lib/model/decoder';
import { FrameStore } from '../src/lib/signals/frameStore';
import { tapName } from '../src/lib/signals/frameSignals';
import { ORDINARY } from '../src/lib/signals/normaliser';
import { DEFAULT_PATCH } from '../src/lib/signals/patchPresets';
import { controlsOfBars, type TakePlan } from './plan';
import { takeBars, type TakeBar } from './take';

export interface WrittenTake {
	readonly bars: readonly TakeBar[];
	/** for each token of the take what the model did, by the tap that reads it: it turns the knobs of the voices */
	readonly signals: Readonly<Record<string, readonly number[]>>;
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
	for (const bar of await writer.begin(openingFor(controls[0]!), goOn))
		frames.push(bar.frames, bar.residuals);
	const bars: WrittenBar[] = [];
	const signals: Record<string, number[]> = {};
	for (const [index, wanted] of controls.entries()) {
		if (wanted !== controls[index - 1]) await writer.rewind(writer.written);
		const bar = (await writer.writeBar(wanted, goOn))!;
		const read = frames.push(bar.frames, bar.residuals);
		bars.push(bar);
		for (const tap of new Map(DEFAULT_PATCH.map((cable) => [tapName(cable), cable])).values()) {
			const heard = (signals[tapName(tap)] ??= []);
			heard.push(...read.map(({ index }) => frames.signal(tap, index, index) ?? ORDINARY));
		}
	}
	return { bars: takeBars(bars.map(({ tokens }) => tokens)), signals };
}

async function goOn(): Promise<boolean> {
	return true;
}
