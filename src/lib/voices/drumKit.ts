/**
 * The drums track: pieces rendered to buffers by plain DSP (drums/) and triggered. A render is made when a hit first needs
 * it, 100 ms and more before it sounds, and kept; the everyday pieces are rendered at the start. The parameters are
 * rounded to steps, so that a turning knob asks for few renders.
 * Parameters: kit (0 909, 1 808), tune (semitones), decay (ms), snap (%), hatDecay (%), flam (ms: how far a soft stroke
 * comes before an accent of snare, clap or tom; 0 for none).
 */
import type { PlayedNote, Voice } from '../clock/voice';
import { DRUM_PIECES, pieceOfNote } from '../music/vocabulary';
import { type DrumSetting, KITS, type PieceName } from './drums/pieces';
import { approach, type Context, Gain, Panner, type ToneAudioNode } from './tone';

/** Hardness is rendered in four steps: the levels of the vocabulary. */
const LAYERS = [0.25, 0.5, 0.75, 1];
const EVERYDAY: readonly (readonly [PieceName, readonly number[]])[] = [
	['kick', [0.75, 1]],
	['snare', [0.75, 1]],
	['clap', [0.75, 1]],
	['closed hat', [0.25, 0.5, 0.75]],
	['open hat', [0.5, 0.75]]
];
/** Pieces that are played with two sticks or many hands. */
const FLAMMED: ReadonlySet<PieceName> = new Set([
	'snare',
	'clap',
	'floor tom',
	'low tom',
	'mid tom',
	'high tom'
]);
/** Velocity of the stroke before, as a share of the accent's. */
const FLAM_VELOCITY = 0.45;
const LONGEST_FLAM_SECONDS = 0.038;
const MOST_RENDERS = 400;
const RENDER_INTERVAL_MILLISECONDS = 40;
const CHOKE_TIME_CONSTANT = 0.006;
const SILENCE_TIME_CONSTANT = 0.003;

/** A hit that sounds or will. */
interface Hit {
	source: AudioBufferSourceNode;
	gain: GainNode;
	choke: 'kick' | 'hats' | null;
	start: number;
	end: number;
}

/** How each setting is rounded for the renders. */
const ROUNDING: Record<DrumSetting, (value: number) => number> = {
	tune: (semitones) => Math.round(semitones * 4) / 4,
	decay: geometric(1.08),
	snap: (percent) => Math.round(percent / 10) * 10,
	hatDecay: geometric(1.12)
};

export function createDrumKit(context: Context): Voice & { output: ToneAudioNode } {
	const { sampleRate } = context;
	const settings: Record<DrumSetting, number> = { tune: 0, decay: 260, snap: 50, hatDecay: 100 };
	let kit = 0;
	let flamSeconds = 0;
	const renders = new Map<string, AudioBuffer>();
	const output = new Gain({ context, gain: 1 });
	const pans = new Map<number, Panner>();
	const hits = new Set<Hit>();

	function bufferOf(name: PieceName, velocity: number): AudioBuffer {
		const piece = KITS[kit]![name];
		const layer = LAYERS.find((step) => velocity <= step + 0.01) ?? 1;
		const rounded = (setting: DrumSetting): number => ROUNDING[setting](settings[setting]);
		const key = [kit, name, layer, ...piece.follows.map(rounded)].join(' ');
		const known = renders.get(key);
		if (known) return known;
		const samples = piece.render({
			sampleRate,
			velocity: layer,
			tune: rounded('tune'),
			decaySeconds: rounded('decay') / 1000,
			snap: rounded('snap') / 100,
			hatDecay: rounded('hatDecay') / 100
		});
		const buffer = context.createBuffer(1, samples.length, sampleRate);
		buffer.copyToChannel(samples, 0);
		const oldest = renders.keys().next();
		if (renders.size >= MOST_RENDERS && !oldest.done) renders.delete(oldest.value);
		renders.set(key, buffer);
		return buffer;
	}

	function panOf(position: number): Panner {
		let panner = pans.get(position);
		if (!panner) {
			panner = new Panner({ context, pan: position, channelCount: 1 });
			panner.connect(output);
			pans.set(position, panner);
		}
		return panner;
	}

	const everyday = EVERYDAY.flatMap(([name, layers]) =>
		layers.map((layer) => [name, layer] as const)
	);
	for (const [name, layer] of everyday) bufferOf(name, layer);

	/** The everyday pieces of a kit that is chosen while music plays: one at a time, or notes would come late. */
	function renderSoon(): void {
		everyday.forEach(([name, layer], i) =>
			setTimeout(() => bufferOf(name, layer), i * RENDER_INTERVAL_MILLISECONDS)
		);
	}

	function strike(name: PieceName, velocity: number, time: number): void {
		const piece = KITS[kit]![name];
		const buffer = bufferOf(name, velocity);
		const source = context.createBufferSource();
		const gain = context.createGain();
		source.buffer = buffer;
		gain.gain.value = levelOfHit(velocity) * Math.pow(10, piece.level / 20);
		source.connect(gain);
		gain.connect(panOf(piece.pan).input as AudioNode);
		source.start(time);

		for (const hit of hits) {
			const sounds = hit.start < time && hit.end > time;
			if (sounds && piece.choke !== null && hit.choke === piece.choke)
				fade(hit, time, CHOKE_TIME_CONSTANT);
		}
		const end = time + buffer.duration;
		const hit: Hit = { source, gain, choke: piece.choke, start: time, end };
		hits.add(hit);
		source.onended = () => {
			gain.disconnect();
			hits.delete(hit);
		};
	}

	return {
		output,
		play(note: PlayedNote, time: number) {
			const name = DRUM_PIECES[pieceOfNote(note.pitch)]?.name;
			if (name === undefined) return;
			const flammed = flamSeconds > 0 && note.accent && FLAMMED.has(name);
			const before = time - flamSeconds;
			if (flammed && before > context.currentTime)
				strike(name, FLAM_VELOCITY * note.velocity, before);
			strike(name, note.velocity, time);
		},
		set(parameter, value) {
			if (!Number.isFinite(value)) return;
			if (parameter === 'kit') {
				const chosen = Math.max(0, Math.min(KITS.length - 1, Math.round(value)));
				if (chosen === kit) return;
				kit = chosen;
				renderSoon();
			} else if (parameter === 'flam')
				flamSeconds = Math.max(0, Math.min(LONGEST_FLAM_SECONDS, value / 1000));
			else if (Object.hasOwn(settings, parameter)) settings[parameter as DrumSetting] = value;
		},
		silence(time) {
			for (const hit of hits) {
				if (hit.start >= time) hit.source.stop(hit.start);
				else if (hit.end > time) fade(hit, time, SILENCE_TIME_CONSTANT);
			}
		},
		dispose() {
			for (const hit of hits) hit.source.stop();
			hits.clear();
			for (const panner of pans.values()) panner.dispose();
			output.dispose();
			renders.clear();
		}
	};
}

function fade(hit: Hit, time: number, timeConstant: number): void {
	approach(hit.gain.gain, 0, time, timeConstant);
	hit.source.stop(time + 8 * timeConstant);
	hit.end = time + 8 * timeConstant;
}

/** Ghost notes lie about 15 dB below accents. */
function levelOfHit(velocity: number): number {
	return Math.pow(Math.max(0, Math.min(1, velocity)), 1.25);
}

/** Rounds to powers of `ratio`. */
function geometric(ratio: number): (value: number) => number {
	return (value) => Math.pow(ratio, Math.round(Math.log(Math.max(1, value)) / Math.log(ratio)));
}
