import { beforeEach, describe, expect, it } from 'vitest';
import { BarWriter } from '../../../src/lib/generate/barWriter';
import type { GenerationControls, WrittenBar } from '../../../src/lib/generate/protocol';
import { ResidualWatch } from '../../../src/lib/generate/residualWatch';
import { ROWS_TO_BEGIN, ResidualWindow } from '../../../src/lib/generate/residualWindow';
import type { Decoder } from '../../../src/lib/model/decoder';
import { RESIDUAL_POSITIONS, type Inspector } from '../../../src/lib/model/inspector';
import { RESIDUAL_FRAME, residualFrameAt } from '../../../src/lib/model/residualFrame';
import { DiceDecoder } from '../../fixtures/diceDecoder';
import { freeControls, plainOpening } from '../../fixtures/music';
import { randomNumbers } from '../model/randomModel';

const goOn = () => Promise.resolve(true);
const OPENING = plainOpening(6);
const { stride } = RESIDUAL_FRAME;

/** A residual that a decoder of this kind has where it reads `token` at `position`. */
function residualOf(kind: number, token: number, position: number, columns: number): Float32Array {
	const random = randomNumbers(1 + kind * 7919 + token * 31 + (position % 5));
	return Float32Array.from({ length: columns }, () => random() - 0.5);
}

/** Dice that record: residuals hang on kind, token and position, and each read is counted. */
class RecordingDice extends DiceDecoder {
	readonly reads: { layer: number; first: number; count: number }[] = [];
	readonly kind: number;
	override readonly inspector: Inspector;

	constructor(kind = 0) {
		super();
		this.kind = kind;
		this.inspector = {
			residuals: async (layer: number, first: number, count: number) => {
				const run = this.length - 1;
				if (first < 0 || count < 1 || first + count > run || first < run - RESIDUAL_POSITIONS) {
					throw new RangeError(`${count} from ${first} on are not kept; ${run} were run`);
				}
				this.reads.push({ layer, first, count });
				return this.residualsOf(this.tokens.slice(first, first + count), first);
			}
		} as Inspector;
	}

	residualsOf(tokens: readonly number[], first: number): Float32Array<ArrayBuffer> {
		const { hiddenSize } = this.config;
		const found = new Float32Array(tokens.length * hiddenSize);
		tokens.forEach((token, i) =>
			found.set(residualOf(this.kind, token, first + i, hiddenSize), i * hiddenSize)
		);
		return found;
	}
}

async function write(
	writer: BarWriter,
	count: number,
	controls: Partial<GenerationControls> = {}
): Promise<WrittenBar[]> {
	const bars: WrittenBar[] = [];
	while (bars.length < count) {
		const bar = await writer.writeBar(freeControls(controls), goOn);
		if (bar) bars.push(bar);
	}
	return bars;
}

function joined(bars: readonly WrittenBar[]): Float32Array {
	return Float32Array.from(bars.flatMap(({ residuals }) => [...residuals!]));
}

describe('watching the residuals of bars', () => {
	let decoder: RecordingDice;
	let writer: BarWriter;
	let opening: WrittenBar[];

	beforeEach(async () => {
		decoder = new RecordingDice();
		writer = new BarWriter(decoder);
		opening = await writer.begin(OPENING, goOn);
	});

	/** What a window that never forgot anything says of the tokens of these bars, which begin the set. */
	function expected(bars: readonly WrittenBar[]): Float32Array {
		const tokens = bars.flatMap((bar) => bar.tokens);
		const rows = new Float32Array(tokens.length * stride).fill(NaN);
		const window = new ResidualWindow(decoder.config.hiddenSize);
		rows.set(window.push(decoder.residualsOf(tokens.slice(0, -1), 0)), stride);
		return rows;
	}

	it('says of each token what the residuals had in common when it was chosen, opening included', async () => {
		const bars = [...opening, ...(await write(writer, 12))];
		for (const bar of bars) expect(bar.residuals).toHaveLength(bar.tokens.length * stride);
		expect(joined(bars)).toEqual(expected(bars));
		const tokens = bars.flatMap((bar) => bar.tokens).length;
		expect(tokens).toBeGreaterThan(2 * ROWS_TO_BEGIN);
		expect(residualFrameAt(joined(bars), ROWS_TO_BEGIN)).not.toBeNull();
	});

	it('reads the last layer once a bar', async () => {
		decoder.reads.length = 0;
		/** a bar that came out empty would be written, and read, once more: unless it was asked for */
		const bars = await write(writer, 8, { density: { drums: 0, bass: 0, chords: 0 } });
		expect(decoder.reads).toEqual(
			bars.map(({ firstFrame, tokens }) => ({
				layer: decoder.config.layers,
				first: firstFrame - 1,
				count: tokens.length
			}))
		);
	});

	it('forgets tokens that were taken back', async () => {
		const kept = await write(writer, 4);
		await write(writer, 3);
		await writer.rewind(10);
		const others = await write(writer, 3, { seed: 99 });
		await writer.rewind(12);
		const last = await write(writer, 2, { seed: 5 });
		const bars = [...opening, ...kept, ...others.slice(0, 2), ...last];
		expect(bars.map(({ bar }) => bar)).toEqual([...bars.keys()]);
		expect(joined(bars)).toEqual(expected(bars));
	});

	it('begins anew where it is taken back further than it remembers', async () => {
		await write(writer, 14);
		await writer.rewind(8);
		const [bar] = await write(writer, 1);
		expect(residualFrameAt(bar!.residuals!, bar!.tokens.length - 1)).toBeNull();
		const later = joined(await write(writer, 30));
		expect(residualFrameAt(later, later.length / stride - 1)).not.toBeNull();
	});

	it('goes on with the residuals of another decoder, of another width too', async () => {
		const before = await write(writer, 6, { density: { drums: 7 } });
		const next = new RecordingDice(1);
		Object.assign(next.config, { hiddenSize: 24 });
		await writer.adopt(next);
		const begin = writer.origin;
		const bars = await write(writer, 4);
		const all = [...opening, ...before, ...bars].flatMap(({ tokens }) => tokens).slice(begin);
		const known = all.length - bars.flatMap(({ tokens }) => tokens).length - 1;
		const count = Math.min(known, ROWS_TO_BEGIN);
		const window = new ResidualWindow(24);
		window.push(next.residualsOf(all.slice(known - count, known), known - count));
		const rows = window.push(next.residualsOf(all.slice(known, -1), known));
		expect(joined(bars)).toEqual(rows);
		await writer.rewind(writer.written - 1);
		const [again] = await write(writer, 1);
		expect(again!.residuals).toEqual(bars.at(-1)!.residuals);
	});

	it('forgets the set before', async () => {
		await write(writer, 5);
		const again = await writer.begin(OPENING, goOn);
		expect(joined(again)).toEqual(joined(opening));
	});

	it('is silent where the decoder records nothing', async () => {
		await writer.adopt(new DiceDecoder());
		for (const bar of await write(writer, 3)) expect(bar.residuals).toBeNull();
		for (const bar of await new BarWriter(new DiceDecoder()).begin(OPENING, goOn)) {
			expect(bar.residuals).toBeNull();
		}
	});

	it('tells of a bar that is longer than residuals are kept what it can', async () => {
		const watch = new ResidualWatch();
		const long = new RecordingDice();
		await long.prefill(Array.from({ length: 400 }, (_, i) => i % 300));
		await watch.read(0, long as Decoder, 0, 100).catch(() => undefined);
		const rows = (await watch.read(1, long as Decoder, 20, 375))!;
		expect(rows).toHaveLength(375 * stride);
		/** 399 positions were run: that of the token at 144 is the first that is kept */
		const first = 144 - 20;
		const known = Array.from({ length: 375 }, (_, i) => residualFrameAt(rows, i) !== null);
		expect(known.indexOf(true)).toBe(first + ROWS_TO_BEGIN - 1);
		expect(known.slice(first + ROWS_TO_BEGIN - 1).every(Boolean)).toBe(true);
	});
});
