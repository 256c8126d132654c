/** How loud the voices are beside each other: whoever changes a voice in a set must not have to touch the fader. */
import { describe, expect, test } from 'vitest';
import { VOICE_TRACKS, type VoiceTrack } from '../../src/lib/controls/parameters';
import { BPM, houseLoop, LOOP_SECONDS, playAll } from './houseLoop';
import { integratedLoudness, peakOf, type Stereo, toDecibels } from './measure';
import { renderRack } from './render';
import type { Rack } from '../../src/lib/voices/rack';

const SAMPLE_RATE = 48_000;
const BARS = 2;
const SECONDS = (LOOP_SECONDS * BARS) / 8 + 0.3;

async function played(
	tracks: readonly VoiceTrack[],
	knobs: Record<string, number>,
	mastered: boolean
): Promise<Stereo> {
	const perform = (rack: Rack): void => {
		rack.setTempo(BPM);
		for (const [id, value] of Object.entries(knobs)) rack.set(id, value, 0);
		playAll(rack, houseLoop(tracks, BARS));
	};
	return (await renderRack(SECONDS, SAMPLE_RATE, perform, { mastered })).sound;
}

const OTHERS: { track: VoiceTrack; knob: string; value: number; name: string }[] = [
	{ track: 'drums', knob: 'kit', value: 1, name: '808' },
	{ track: 'bass', knob: 'voice', value: 1, name: 'FM bass' },
	{ track: 'chords', knob: 'voice', value: 1, name: 'organ' },
	{ track: 'lead', knob: 'voice', value: 1, name: 'pulse lead' },
	{ track: 'lead', knob: 'voice', value: 2, name: 'solo string' }
];

test.each(OTHERS)(
	'the $name is as loud as what it takes the place of, give or take 2 LU',
	async ({ track, knob, value, name }) => {
		const loudness = async (knobs: Record<string, number>): Promise<number> =>
			integratedLoudness(await played([track], knobs, false));
		const usual = await loudness({});
		const other = await loudness({ [`${track}.${knob}`]: value });
		console.info(`${name}: ${other.toFixed(1)} LUFS in place of ${usual.toFixed(1)}`);
		expect(Math.abs(other - usual)).toBeLessThan(2);
	}
);

describe('a mix of the other voices', () => {
	test('is as loud as a house mix and stays below the ceiling', async () => {
		const knobs = { 'drums.kit': 1, 'bass.voice': 1, 'chords.voice': 1, 'lead.voice': 1 };
		const sound = await played(VOICE_TRACKS, knobs, true);
		const loudness = integratedLoudness(sound);
		console.info(`the other voices together: ${loudness.toFixed(1)} LUFS`);
		expect(loudness).toBeGreaterThan(-16);
		expect(loudness).toBeLessThan(-12);
		expect(toDecibels(peakOf(sound))).toBeLessThanOrEqual(-0.999);
	});
});
