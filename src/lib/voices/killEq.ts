/**
 * The three-band equaliser of a channel, with kills. Linkwitz-Riley filters of fourth order (two Butterworth filters in a
 * row; Linkwitz, JAES 1976) split the sound at 250 and 2500 Hz, so that all bands at 0 dB add up to a flat response and a
 * killed band is gone. The low band passes an all-pass of the upper split, or it would meet the others out of phase.
 */
import { approach, type Context, Gain, levelToGain, type ToneAudioNode } from './tone';

const SPLITS_HZ = [250, 2500] as const;
/** A low- or high-pass takes its Q in dB: this is 0.7071. */
const BUTTERWORTH_DECIBELS = 20 * Math.log10(Math.SQRT1_2);
/** Kills are quick, and do not click. */
const TIME_CONSTANT = 0.004;

export const BANDS = ['low', 'mid', 'high'] as const;
export type Band = (typeof BANDS)[number];

export interface KillEq {
	readonly input: ToneAudioNode;
	readonly output: ToneAudioNode;
	/** The level of a band in dB. */
	setLevel(band: Band, decibels: number, time: number): void;
	/** Takes a band out, or puts it back at its level. */
	kill(band: Band, killed: boolean, time: number): void;
	dispose(): void;
}

export function createKillEq(context: Context): KillEq {
	const input = new Gain({ context });
	const output = new Gain({ context });
	const filters: BiquadFilterNode[] = [];

	function filter(type: BiquadFilterType, frequencyHz: number, q: number): BiquadFilterNode {
		const node = context.createBiquadFilter();
		node.type = type;
		node.frequency.value = frequencyHz;
		node.Q.value = q;
		filters.push(node);
		return node;
	}

	/** Two equal filters in a row, as first and last node. */
	function split(type: 'lowpass' | 'highpass', frequencyHz: number): [AudioNode, AudioNode] {
		const first = filter(type, frequencyHz, BUTTERWORTH_DECIBELS);
		const last = filter(type, frequencyHz, BUTTERWORTH_DECIBELS);
		first.connect(last);
		return [first, last];
	}

	const gains = Object.fromEntries(
		BANDS.map((band) => [band, new Gain({ context }).connect(output)])
	) as Record<Band, Gain>;
	const enter = (band: Band, from: AudioNode): void => {
		from.connect(gains[band].input as AudioNode);
	};

	const [lowIn, lowOut] = split('lowpass', SPLITS_HZ[0]);
	const [restIn, restOut] = split('highpass', SPLITS_HZ[0]);
	const [midIn, midOut] = split('lowpass', SPLITS_HZ[1]);
	const [highIn, highOut] = split('highpass', SPLITS_HZ[1]);
	const turn = filter('allpass', SPLITS_HZ[1], Math.SQRT1_2);
	input.connect(lowIn);
	input.connect(restIn);
	lowOut.connect(turn);
	restOut.connect(midIn);
	restOut.connect(highIn);
	enter('low', turn);
	enter('mid', midOut);
	enter('high', highOut);

	const levels: Record<Band, number> = { low: 0, mid: 0, high: 0 };
	const killed = new Set<Band>();

	function move(band: Band, time: number): void {
		const gain = killed.has(band) ? 0 : levelToGain(levels[band]);
		approach(gains[band].gain, gain, time, TIME_CONSTANT);
	}

	return {
		input,
		output,
		setLevel(band, decibels, time) {
			levels[band] = decibels;
			move(band, time);
		},
		kill(band, isKilled, time) {
			if (isKilled) killed.add(band);
			else killed.delete(band);
			move(band, time);
		},
		dispose() {
			for (const node of filters) node.disconnect();
			for (const band of BANDS) gains[band].dispose();
			input.dispose();
			output.dispose();
		}
	};
}
