import { describe, expect, it } from 'vitest';
import type { PlayedNote, Voice } from '../../../src/lib/clock/voice';
import { ParameterValues } from '../../../src/lib/controls/parameterValues';
import { patchedVoice } from '../../../src/lib/instrument/patchBay';
import { NEUTRAL, type Signals } from '../../../src/lib/signals/normaliser';

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

/** A patched bass whose notes carry `signals`, and everything that reaches synth and knobs, in order. */
function patchedBass(signals: Signals[]) {
	const values = new ParameterValues();
	const calls: { what: string; value: number; time: number }[] = [];
	const synth: Voice = {
		play: (note, time) => calls.push({ what: 'play', value: note.pitch, time }),
		set: () => undefined,
		silence: () => undefined,
		dispose: () => undefined
	};
	const voice = patchedVoice('bass', synth, {
		values,
		signals: () => signals,
		turn: (what, value, time) => calls.push({ what, value, time })
	});
	const cutoffs = () => calls.filter(({ what }) => what === 'bass.cutoff');
	return { values, calls, voice, cutoffs };
}

describe('the patch bay', () => {
	it('turns the knobs at the time of the note, before it sounds', () => {
		const { voice, calls } = patchedBass([{ ...NEUTRAL, attentionEntropy: 1 }]);
		voice.play(NOTE, 3.5);
		expect(calls.at(-1)!.what).toBe('play');
		expect(calls.length).toBeGreaterThan(1);
		for (const { time } of calls) expect(time).toBe(3.5);
	});

	it('opens the acid filter when attention is broad and closes it when it is narrow', () => {
		const knob = new ParameterValues().get('bass.cutoff');
		const broad = patchedBass([{ ...NEUTRAL, attentionEntropy: 0.95 }]);
		const narrow = patchedBass([{ ...NEUTRAL, attentionEntropy: 0.05 }]);
		broad.voice.play(NOTE, 0);
		narrow.voice.play(NOTE, 0);
		expect(broad.cutoffs()[0]!.value).toBeGreaterThan(knob * 1.2);
		expect(narrow.cutoffs()[0]!.value).toBeLessThan(knob / 1.2);
	});

	it('follows the knob of the person', () => {
		const { voice, values, cutoffs } = patchedBass([NEUTRAL]);
		values.set('bass.cutoff', 1500);
		voice.play(NOTE, 0);
		expect(cutoffs()[0]!.value).toBeCloseTo(1500, -1);
	});

	it('lets go of the knobs when its depth is turned to nothing', () => {
		const { voice, values, cutoffs } = patchedBass([{ ...NEUTRAL, attentionEntropy: 1 }]);
		voice.play(NOTE, 0);
		values.set('patch.amount', 0);
		voice.play(NOTE, 1);
		voice.play(NOTE, 2);
		expect(cutoffs().map(({ time }) => time)).toEqual([0, 1]);
		expect(cutoffs()[1]!.value).toBe(values.get('bass.cutoff'));
	});

	it('leaves the knobs alone for a note without frames', () => {
		const { voice, cutoffs } = patchedBass([]);
		voice.play(NOTE, 0);
		expect(cutoffs()).toEqual([]);
	});
});
