/**
 * A recording played again offline, faster than it sounds: the whole mix, or one track alone. Notes and knobs are handed to
 * a rack of its own, little by little while the rendering pauses, as the player does it live.
 */
import { VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { PerformedEvent, Performance } from '../session/noteLog';
import { encodeFrames, wavHeader } from '../session/wavFile';
import type { Rack } from '../voices/rack';

const SAMPLE_RATE = 48_000;

/** The rendering pauses this often, and events are handed over so far ahead. */
const TICK_SECONDS = 0.5;
const AHEAD_SECONDS = 0.6;

/** Echoes and reverb after the last note. */
const TAIL_SECONDS = 3;

/** A browser renders in memory: 0.4 MB a second. */
const LONGEST_MINUTES = 20;

const FRAMES_A_PART = 1 << 18;

/**
 * Renders a part of a performance; null when the track has no notes in it. Throws an Error in words when the performance is
 * too long, the signal's reason when it was aborted.
 */
export async function bounce(
	name: string,
	performance: Performance,
	part: VoiceTrack | 'mix',
	onProgress: (share: number) => void,
	signal?: AbortSignal
): Promise<File | null> {
	signal?.throwIfAborted();
	if (!performance.events.some((event) => isNoteOf(event, part))) return null;
	const minutes = performance.seconds / 60;
	if (minutes > LONGEST_MINUTES)
		throw new Error(
			`"${name}" is ${Math.ceil(minutes)} minutes long; the browser renders in memory, and that holds ${LONGEST_MINUTES}. The WAV file that was recorded is whole, and the MIDI file has all notes.`
		);
	const length = Math.ceil((performance.seconds + TAIL_SECONDS) * SAMPLE_RATE);
	const context = new OfflineAudioContext(2, length, SAMPLE_RATE);
	const { createRack } = await import('../voices/rack');
	const rack = await createRack(context, { mastered: part === 'mix' });
	try {
		const handOver = prepare(performance, part, rack);
		handOver(AHEAD_SECONDS);
		await rack.settled();
		const failed = handOverWhilePausing(handOver, rack, context, onProgress, signal);
		const sound = await Promise.race([context.startRendering(), failed]);
		return new File(await wavParts(sound, signal), fileName(name, part), { type: 'audio/wav' });
	} finally {
		rack.dispose();
		if (context.state === 'suspended') runOut(context);
	}
}

function fileName(name: string, part: VoiceTrack | 'mix'): string {
	return part === 'mix' ? `${name} bounced.wav` : `${name} ${part}.wav`;
}

function isNoteOf(event: PerformedEvent, part: VoiceTrack | 'mix'): boolean {
	return event.kind === 'note' && (part === 'mix' || event.note.track === part);
}

/** Sets the knobs as they stood, and returns what hands the events over that come before a moment. */
function prepare(
	{ bpm, knobs, events }: Performance,
	part: VoiceTrack | 'mix',
	rack: Rack
): (until: number) => void {
	/** a stem is one track alone, whatever was soloed */
	const solos = VOICE_TRACKS.map((track) => `${track}.solo`);
	const isKept = (id: string): boolean => part === 'mix' || !solos.includes(id);
	for (const [id, value] of Object.entries(knobs)) if (isKept(id)) rack.set(id, value, 0);
	if (part !== 'mix') rack.set(`${part}.solo`, 1, 0);
	rack.setTempo(bpm);
	let next = 0;

	function play(event: PerformedEvent): void {
		switch (event.kind) {
			case 'tempo':
				return rack.setTempo(event.bpm, event.time);
			case 'silence':
				return rack.silence(event.time);
			case 'turn':
				if (isKept(event.id)) rack.set(event.id, event.value, event.time);
				return;
			case 'note': {
				const { track } = event.note;
				/** the kick presses the other tracks, so the drums play for every stem */
				const needed = part === 'mix' || track === part || track === 'drums';
				if (needed && track !== 'guest') rack.voices[track].play(event.note, event.time);
			}
		}
	}

	return (until) => {
		for (; next < events.length && events[next]!.time < until; next++) play(events[next]!);
	};
}

/**
 * Pauses the rendering again and again to hand over what comes next. Never resolves; rejects when the handing over fails, or
 * with the signal's reason once it was aborted: the rendering stays paused then.
 */
function handOverWhilePausing(
	handOver: (until: number) => void,
	rack: Rack,
	context: OfflineAudioContext,
	onProgress: (share: number) => void,
	signal: AbortSignal | undefined
): Promise<never> {
	const total = context.length / context.sampleRate;
	return new Promise((_, reject) => {
		function pauseAt(time: number): void {
			if (time >= total) return;
			context
				.suspend(time)
				.then(async () => {
					signal?.throwIfAborted();
					onProgress(time / total);
					handOver(time + AHEAD_SECONDS);
					await rack.settled();
					pauseAt(time + TICK_SECONDS);
					await context.resume();
				})
				.catch(reject);
		}
		pauseAt(TICK_SECONDS);
	});
}

/**
 * A rendering can't be given up, and one that stays paused keeps its memory. With nothing connected any more the rest of it is
 * silence, which takes no time.
 */
function runOut(context: OfflineAudioContext): void {
	context.resume().catch(() => undefined); // it had not begun, so there is nothing to end
}

/** The pieces of a 24-bit WAV file; what else the page has to do comes in between. */
async function wavParts(sound: AudioBuffer, signal: AbortSignal | undefined): Promise<BlobPart[]> {
	const [left, right] = [sound.getChannelData(0), sound.getChannelData(1)];
	const parts: BlobPart[] = [wavHeader(sound.length, sound.sampleRate)];
	for (let from = 0; from < sound.length; from += FRAMES_A_PART) {
		const to = from + FRAMES_A_PART;
		parts.push(encodeFrames(left.subarray(from, to), right.subarray(from, to)));
		await new Promise((resolve) => setTimeout(resolve));
		signal?.throwIfAborted();
	}
	return parts;
}
