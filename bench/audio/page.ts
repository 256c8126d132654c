/** The page of the audio benchmark: renders the rack offline, one voice at a time and all together. */
import { PARAMETERS, VOICE_TRACKS, type VoiceTrack } from '../../src/lib/controls/parameters';
import { createRack } from '../../src/lib/voices/rack';
import { houseLoop, LOOP_SECONDS, playAll } from '../../tests/audio/houseLoop';

/** What is rendered: nothing at all, one voice of a track, or every track with its first voice. */
export interface Part {
	readonly name: string;
	readonly tracks: readonly VoiceTrack[];
	/** value of the track's `voice` */
	readonly voice: number;
}

/** What main calls. */
export interface AudioPage {
	/** The mixer alone, every voice of every track, and the full set. */
	parts(): Promise<Part[]>;
	/** Seconds of work for one second of sound: the median of `rounds` renderings of eight bars. */
	share(asked: { part: Part; rounds: number }): Promise<number>;
}

const SAMPLE_RATE = 48_000;

const page: AudioPage = {
	async parts() {
		const voices = VOICE_TRACKS.flatMap((track): Part[] => {
			const parameter = PARAMETERS.find(({ id }) => id === `${track}.voice`);
			const choices = parameter?.kind === 'choice' ? parameter.choices : [track];
			return choices.map((choice, voice) => ({
				name: choice === track ? track : `${track}: ${choice}`,
				tracks: [track],
				voice
			}));
		});
		return [
			{ name: 'mixer alone', tracks: [], voice: 0 },
			...voices,
			{ name: 'full set', tracks: VOICE_TRACKS, voice: 0 }
		];
	},
	async share({ part, rounds }) {
		const shares: number[] = [];
		for (let round = 0; round < rounds; round++) shares.push(await shareOf(part));
		return shares.sort((a, b) => a - b)[Math.floor(shares.length / 2)]!;
	}
};
Object.assign(window, { audioPage: page });

async function shareOf({ tracks, voice }: Part): Promise<number> {
	const context = new OfflineAudioContext(2, Math.ceil(LOOP_SECONDS * SAMPLE_RATE), SAMPLE_RATE);
	const rack = await createRack(context);
	for (const track of tracks) rack.set(`${track}.voice`, voice, 0);
	playAll(rack, houseLoop(tracks));
	await rack.settled();
	const began = performance.now();
	await context.startRendering();
	const seconds = (performance.now() - began) / 1000;
	rack.dispose();
	return seconds / LOOP_SECONDS;
}
