import { describe, expect, it } from 'vitest';
import type { PlayedNote, Voice } from '../../../src/lib/clock/voice';
import { ParameterValues } from '../../../src/lib/controls/parameterValues';
import type { VoiceTrack } from '../../../src/lib/controls/parameters';
import { PatchBay } from '../../../src/lib/instrument/patchBay';
import { MidiVoice } from '../../../src/lib/midi/midiVoice';
import type { Signal } from '../../../src/lib/signals/frameSignals';
import { cable, type Cable } from '../../../src/lib/signals/patch';
import { DEFAULT_PATCH } from '../../../src/lib/signals/patchPresets';

const NOTE: PlayedNote = {
	track: 'bass',
	beat: 0,
	duration: 0.25,
	durationSeconds: 0.12,
	pitch: 33,
	velocity: 0.8,
	accent: false,
	slide: false,
	frames: { first: 10, last: 12 }
};

type Heard = Partial<Record<Signal, number>> | null;

/** A bay whose notes carry what `heard` says, and everything that reaches synths, knobs and MIDI, in order. */
function patched(cables: readonly Cable[] = DEFAULT_PATCH) {
	const values = new ParameterValues();
	const calls: { what: string; value: number; time: number }[] = [];
	const state: { heard: Heard } = { heard: {} };
	const bay = new PatchBay({
		values,
		signal: ({ signal }) => (state.heard ? (state.heard[signal] ?? 0.5) : null),
		turn: (what, value, time) => calls.push({ what, value, time })
	});
	bay.setCables(cables);
	const synth: Voice = {
		play: (note, time) => calls.push({ what: 'play', value: note.pitch, time }),
		set: () => undefined,
		silence: () => undefined,
		dispose: () => undefined
	};
	const midi = bay.midiVoice(
		new MidiVoice({
			output: {
				state: 'connected',
				send(data, { time } = {}) {
					const [status, first, second] = data as [number, number, number];
					calls.push({
						what: `${status.toString(16)} ${first}`,
						value: second,
						time: Number(time)
					});
					return this as never;
				}
			},
			toPerformance: (time) => time * 1000,
			channelOf: () => 3
		})
	);
	const voices = new Map<VoiceTrack, Voice>();
	function play(heard: Heard, time: number, track: VoiceTrack = 'bass') {
		state.heard = heard;
		const voice = voices.get(track) ?? bay.voice(track, synth);
		voices.set(track, voice);
		voice.play({ ...NOTE, track }, time);
	}
	function playMidi(heard: Heard, time: number) {
		state.heard = heard;
		midi.play(NOTE, time);
	}
	const turns = (id: string) => calls.filter(({ what }) => what === id);
	return { values, bay, calls, play, playMidi, turns };
}

describe('the patch bay', () => {
	it('turns the knobs at the time of the note, before it sounds', () => {
		const { play, calls } = patched();
		play({ attentionEntropy: 1 }, 3.5);
		expect(calls.at(-1)!.what).toBe('play');
		expect(calls.length).toBeGreaterThan(1);
		for (const { time } of calls) expect(time).toBe(3.5);
	});

	it('opens the acid filter when attention is broad and closes it when it is narrow', () => {
		const knob = new ParameterValues().get('bass.cutoff');
		const { play, turns } = patched();
		play({ attentionEntropy: 0.95 }, 0);
		play({ attentionEntropy: 0.05 }, 1);
		expect(turns('bass.cutoff')[0]!.value).toBeGreaterThan(knob * 1.2);
		expect(turns('bass.cutoff')[1]!.value).toBeLessThan(knob / 1.2);
	});

	it('follows the knob of the person', () => {
		const { play, values, turns } = patched();
		values.set('bass.cutoff', 1500);
		play({}, 0);
		expect(turns('bass.cutoff')[0]!.value).toBeCloseTo(1500, -1);
	});

	it('lets go of the knobs when its depth is turned to nothing', () => {
		const { play, values, turns } = patched();
		play({ attentionEntropy: 1 }, 0);
		values.set('patch.amount', 0);
		play({ attentionEntropy: 1 }, 1);
		play({ attentionEntropy: 1 }, 2);
		expect(turns('bass.cutoff').map(({ time }) => time)).toEqual([0, 1]);
		expect(turns('bass.cutoff')[1]!.value).toBe(values.get('bass.cutoff'));
	});

	it('leaves the knobs alone for a note without frames', () => {
		const { play, turns } = patched();
		play(null, 0);
		expect(turns('bass.cutoff')).toEqual([]);
	});

	it('puts a knob back whose cable was unplugged, with the next note of any track', () => {
		const { play, values, bay, turns } = patched();
		play({ attentionEntropy: 1 }, 0);
		bay.setCables([]);
		play({}, 1, 'drums');
		play({}, 2);
		expect(
			turns('bass.cutoff')
				.map(({ value }) => value)
				.slice(1)
		).toEqual([values.get('bass.cutoff')]);
	});

	it('adds what several cables bring to one knob, from whichever tracks', () => {
		const { play, values, turns } = patched([
			cable('surprise', 'bass', 'lead.pan', 0.2),
			cable('uncertainty', 'drums', 'lead.pan', 0.3)
		]);
		values.set('patch.amount', 100);
		values.set('lead.pan', 0);
		play({ surprise: 1 }, 0);
		play({ uncertainty: 1 }, 1, 'drums');
		expect(turns('lead.pan').map(({ value }) => value)).toEqual([40, 100]);
	});

	it('comes two thirds of the way to a new signal within the smoothing, and shows what it carries', () => {
		const slow = cable('surprise', 'bass', 'bass.cutoff', 1, { smoothing: 2 });
		const { play, bay } = patched([slow]);
		expect(bay.carriedAt(slow, 9)).toBeNull();
		play({ surprise: 0.5 }, 0);
		play({ surprise: 1 }, 2);
		expect(bay.carriedAt(slow, 1.9)).toBe(0);
		expect(bay.carriedAt(slow, 2)).toBeCloseTo(1 - Math.exp(-1), 6);
		for (let time = 3; time < 20; time++) play({ surprise: 1 }, time);
		expect(bay.carriedAt(slow, 20)).toBeGreaterThan(0.99);
	});

	it('begins anew when the set does, without a glide from the end of the one before', () => {
		const slow = cable('surprise', 'bass', 'bass.cutoff', 1, { smoothing: 4 });
		const { play, bay } = patched([slow]);
		play({ surprise: 1 }, 50);
		play({ surprise: 0 }, 0);
		expect(bay.carriedAt(slow, 0)).toBe(-1);
	});

	it('goes on from what it carried when only the amount is changed', () => {
		const slow = cable('surprise', 'bass', 'bass.cutoff', 1, { smoothing: 4 });
		const { play, bay } = patched([slow]);
		play({ surprise: 1 }, 0);
		const turned = { ...slow, amount: 0.2 };
		bay.setCables([turned]);
		expect(bay.carriedAt(turned, 0)).toBe(1);
	});
});

describe('the patch bay before a MIDI output', () => {
	const toController = (amount: number, rest = 64): Cable => ({
		...cable('attentionEntropy', 'bass', 'bass.cutoff', amount),
		target: { controller: 74, rest }
	});

	it('sends the controller on the channel of the track, at the time of the note and before it', () => {
		const { playMidi, calls, values } = patched([toController(0.5)]);
		values.set('patch.amount', 100);
		playMidi({ attentionEntropy: 1 }, 2);
		expect(calls).toEqual([
			{ what: 'b3 74', value: 127, time: 2000 },
			{ what: '93 33', value: 102, time: 2000 }
		]);
	});

	it('sends nothing twice, stays within 0 and 127, and comes to rest with the depth', () => {
		const { playMidi, turns, values } = patched([toController(1, 100)]);
		values.set('patch.amount', 100);
		playMidi({ attentionEntropy: 1 }, 0);
		playMidi({ attentionEntropy: 1 }, 1);
		playMidi({ attentionEntropy: 0 }, 2);
		values.set('patch.amount', 0);
		playMidi({ attentionEntropy: 0 }, 3);
		expect(turns('b3 74').map(({ value }) => value)).toEqual([127, 0, 100]);
	});

	it('sends no knob of the instrument, and the synths hear of no controller', () => {
		const { play, playMidi, calls } = patched([...DEFAULT_PATCH, toController(1)]);
		playMidi({ attentionEntropy: 1 }, 0);
		expect(calls.map(({ what }) => what)).toEqual(['b3 74', '93 33']);
		play({ attentionEntropy: 1 }, 1);
		expect(calls.some(({ what, time }) => time === 1 && what.startsWith('b3'))).toBe(false);
	});
});
