/** A score as a MIDI file, read back by the package that reads MIDI files. */
import MidiPackage from '@tonejs/midi';
import { describe, expect, it } from 'vitest';
import { encodeScore } from '../../../src/lib/session/scoreFile';
import { COMPOSE } from '../../../src/lib/sonify/pieces';
import { PIECES, lengthInSeconds } from '../../../src/lib/sonify/score';
import { FAMILIES, statisticsOf } from './models';

const model = await statisticsOf(FAMILIES.Llama, 21);

describe.each(PIECES)('the MIDI file of %s', (piece) => {
	const score = COMPOSE[piece](model);
	const midi = new MidiPackage.Midi(encodeScore(score));

	it('has every note of every part, where it begins and as loud as it is', () => {
		const sounding = score.parts.filter(({ id }) => score.notes.some(({ part }) => part === id));
		expect(midi.tracks.map(({ name }) => name)).toEqual(sounding.map(({ name }) => name));
		sounding.forEach(({ id, channel, program }, i) => {
			const track = midi.tracks[i]!;
			const own = score.notes
				.filter(({ part }) => part === id)
				.map(({ beat, pitch, velocity }) =>
					[Math.round(beat * 480), pitch, Math.max(1, Math.round(velocity * 127))].join()
				);
			const read = track.notes.map(({ ticks, midi: pitch, velocity }) =>
				[ticks, pitch, Math.round(velocity * 127)].join()
			);
			expect(read.sort()).toEqual(own.sort());
			expect(track.channel).toBe(channel);
			expect(track.instrument.number).toBe(program);
		});
	});

	it('has its tempi, its sections, its length and its key', () => {
		expect(midi.header.tempos.map(({ ticks, bpm }) => [ticks / 480, Math.round(bpm)])).toEqual(
			score.tempos.map(({ beat, bpm }) => [beat, bpm])
		);
		const markers = midi.header.meta.filter(({ type }) => type === 'marker');
		expect(markers.map(({ ticks, text }) => [ticks / 480, text.length > 3])).toEqual(
			score.sections.map(({ beat }) => [beat, true])
		);
		expect(Math.abs(midi.duration - lengthInSeconds(score))).toBeLessThan(8);
		expect(midi.header.keySignatures[0]!.scale).toBe(score.key.mode);
	});

	it('turns the knobs of its voices', () => {
		const turned = midi.tracks.flatMap(({ controlChanges }) =>
			[71, 74, 75, 91].flatMap((number) => controlChanges[number] ?? [])
		);
		const points = score.automation.reduce((sum, { points }) => sum + points.length, 0);
		expect(turned).toHaveLength(points);
		expect(points).toBeGreaterThan(0);
	});
});

it('slid notes of the bass reach into the next', () => {
	const score = COMPOSE.acid(model);
	const slid = score.notes.filter(({ slide }) => slide);
	const track = new MidiPackage.Midi(encodeScore(score)).tracks.find(
		({ name }) => name === 'Acid bass'
	)!;
	expect(slid.length).toBeGreaterThan(0);
	for (const { beat } of slid) {
		const note = track.notes.find(({ ticks }) => ticks === Math.round(beat * 480))!;
		expect(note.durationTicks).toBeGreaterThan(120);
	}
});
