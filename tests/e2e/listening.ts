/**
 * Ears for the end-to-end tests: what is collected in the page while the instrument plays, and what is measured of it
 * here. The page is used through `window.kqv` alone.
 */
import type { Page } from '@playwright/test';

export interface HeardNote {
	track: string;
	beat: number;
	pitch: number;
	duration: number;
	audioTime: number;
	performanceTime: number;
	muted: boolean;
	generated: boolean;
	/** every frame of the note was there, and the last one wrote a pitch, a hit or a slide */
	framesComplete: boolean;
	/** positions attended to by any head of any of its frames */
	attended: number;
}

export interface Heard {
	sampleRate: number;
	/** audio-context seconds of the first sample */
	startTime: number;
	/** samples that the tap did not get, because the machine could not keep up with the audio */
	missing: number;
	notes: HeardNote[];
	bars: {
		bar: number;
		startBeat: number;
		generated: boolean;
		repeated: boolean;
		tokens: number[];
	}[];
	left: Float32Array;
	right: Float32Array;
}

/** Begins to collect notes, bars and sound in the page; call before Start. */
export async function listen(page: Page): Promise<void> {
	await page.evaluate(() => {
		const kqv = window.kqv!;
		const generatedFrom: { first: number; last: number }[] = [];
		const heard = {
			notes: [] as unknown[],
			bars: [] as unknown[],
			left: [] as Float32Array[],
			right: [] as Float32Array[],
			times: [] as number[],
			sampleRate: 0
		};
		kqv.on('bar', ({ bar, startBeat, tokens, generated, repeated, notes }) => {
			heard.bars.push({ bar, startBeat, generated, repeated, tokens });
			if (generated && notes.length) {
				const positions = notes.flatMap((note) => [note.frames.first, note.frames.last]);
				generatedFrom.push({ first: Math.min(...positions), last: Math.max(...positions) });
			}
		});
		kqv.on('note', ({ note, audioTime, performanceTime, muted }) => {
			let framesComplete = true;
			let attended = 0;
			for (let position = note.frames.first; position <= note.frames.last; position++) {
				const frame = kqv.frame(position);
				if (!frame || frame.index !== position) {
					framesComplete = false;
					continue;
				}
				for (let layer = 0; layer < frame.layers; layer++) {
					for (let head = 0; head < frame.heads; head++) {
						attended += frame.head(layer, head).indices.length;
					}
				}
			}
			const { track, beat, pitch, duration } = note;
			const generated = generatedFrom.some(
				({ first, last }) => note.frames.first >= first && note.frames.last <= last
			);
			heard.notes.push({
				...{ track, beat, pitch, duration, audioTime, performanceTime, muted },
				...{ generated, framesComplete, attended }
			});
		});
		kqv.on('audio', ({ time, sampleRate, left, right }) => {
			heard.times.push(time);
			heard.left.push(left);
			heard.right.push(right);
			heard.sampleRate = sampleRate;
		});
		Object.assign(window, { heard });
	});
}

/** What was collected since `listen`. */
export async function heardSoFar(page: Page): Promise<Heard> {
	const { left, right, times, ...rest } = await page.evaluate(() => {
		const { heard } = window as unknown as {
			heard: {
				notes: HeardNote[];
				bars: Heard['bars'];
				left: Float32Array[];
				right: Float32Array[];
				times: number[];
				sampleRate: number;
			};
		};
		/** Float32 samples as base64, block after block: a few MB are quick to hand over as text. */
		const pack = (blocks: Float32Array[]) => {
			const parts = blocks.map((block) => {
				const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
				let text = '';
				for (const byte of bytes) text += String.fromCharCode(byte);
				return btoa(text);
			});
			return parts;
		};
		return {
			sampleRate: heard.sampleRate,
			times: heard.times,
			notes: heard.notes,
			bars: heard.bars,
			left: pack(heard.left),
			right: pack(heard.right)
		};
	});
	const blocks = { left: left.map(unpack), right: right.map(unpack) };
	const startTime = times[0] ?? 0;
	const offsets = times.map((time) => Math.round((time - startTime) * rest.sampleRate));
	const length = (offsets.at(-1) ?? 0) + (blocks.left.at(-1)?.length ?? 0);
	const received = blocks.left.reduce((sum, block) => sum + block.length, 0);
	return {
		...rest,
		startTime,
		missing: Math.max(0, length - received),
		left: placed(blocks.left, offsets, length),
		right: placed(blocks.right, offsets, length)
	};
}

/** Blocks where their times say that they belong. */
function placed(blocks: Float32Array[], offsets: number[], length: number): Float32Array {
	const samples = new Float32Array(length);
	blocks.forEach((block, i) => samples.set(block, offsets[i]));
	return samples;
}

function unpack(block: string): Float32Array {
	const bytes = Buffer.from(block, 'base64');
	return new Float32Array(
		bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
	);
}

/** Waits until the page has heard `beat`. */
export async function heardBeat(page: Page, beat: number, timeoutMs: number): Promise<void> {
	await page.waitForFunction((target) => window.kqv!.beat() >= target, beat, {
		timeout: timeoutMs,
		polling: 100
	});
}

/** Root mean square of `samples` between two times. */
export function loudness(heard: Heard, from: number, to: number): number {
	const first = Math.round((from - heard.startTime) * heard.sampleRate);
	const last = Math.round((to - heard.startTime) * heard.sampleRate);
	let sum = 0;
	for (let i = first; i < last; i++) sum += (heard.left[i] ?? 0) ** 2 + (heard.right[i] ?? 0) ** 2;
	return Math.sqrt(sum / (2 * (last - first)));
}

/**
 * When a kick begins near `time`: the moment at which the energy below 150 Hz first reaches a twentieth of its greatest
 * value in the 60 ms that follow. NaN when there is no low energy.
 */
export function kickOnset(heard: Heard, time: number): number {
	const { sampleRate, startTime } = heard;
	const first = Math.round((time - 0.04 - startTime) * sampleRate);
	const count = Math.round(0.1 * sampleRate);
	const coefficient = 1 - Math.exp((-2 * Math.PI * 150) / sampleRate);
	let low = 0;
	const energy = new Float64Array(count);
	for (let i = 0; i < count; i++) {
		const sample = (heard.left[first + i] ?? 0) + (heard.right[first + i] ?? 0);
		low += coefficient * (sample - low);
		energy[i] = low * low;
	}
	const greatest = energy.reduce((a, b) => Math.max(a, b), 0);
	if (greatest < 1e-4) return Number.NaN;
	const onset = energy.findIndex((value) => value > greatest / 20);
	return startTime + (first + onset) / sampleRate;
}
