/** Plays a NoteMachine in Node as the audio thread would: block by block. */
import type { NoteMachine, VoiceMessage } from '../../../src/lib/voices/worklets/noteMachine';

export const SAMPLE_RATE = 48_000;
const BLOCK = 128;

type NoteMessage = Extract<VoiceMessage, { kind: 'note' }>;

export function noteAt(
	seconds: number,
	durationSeconds: number,
	rest: Partial<NoteMessage> = {}
): NoteMessage {
	return {
		kind: 'note',
		frame: Math.round(seconds * SAMPLE_RATE),
		pitch: 36,
		velocity: 1,
		durationFrames: Math.round(durationSeconds * SAMPLE_RATE),
		accent: false,
		slide: false,
		...rest
	};
}

export function turn(
	machine: NoteMachine,
	knobs: Readonly<Record<string, number>>,
	seconds = 0
): void {
	const frame = Math.round(seconds * SAMPLE_RATE);
	for (const [parameter, value] of Object.entries(knobs))
		machine.schedule({ kind: 'set', frame, parameter, value });
}

/** What the machine plays from frame 0 on; `eachBlock` is called after every block. */
export function play(
	machine: NoteMachine,
	seconds: number,
	eachBlock?: (startFrame: number) => void
): Float32Array {
	const blocks = Math.ceil((seconds * SAMPLE_RATE) / BLOCK);
	const samples = new Float32Array(blocks * BLOCK);
	for (let block = 0; block < blocks; block++) {
		const start = block * BLOCK;
		machine.render(samples.subarray(start, start + BLOCK), start);
		eachBlock?.(start);
	}
	return samples;
}
