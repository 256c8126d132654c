/**
 * Where signals meet knobs: wraps a synth so that every note first sets the parameters that its signals turn. The knob
 * of the person stays where it is; a cable moves the sound around it.
 */
import type { PlayedNote, Voice } from '../clock/voice';
import {
	fromTravel,
	parameterOf,
	toTravel,
	type NumberParameter,
	type VoiceTrack
} from '../controls/parameters';
import type { ParameterValues } from '../controls/parameterValues';
import type { Signals } from '../signals/normaliser';
import { DEFAULT_PATCH, modulate, noteSignals } from '../signals/patch';

export interface PatchBayOptions {
	values: ParameterValues;
	/** signals of the frames first to last */
	signals(first: number, last: number): Signals[];
	/** sets a parameter at a moment, in audio-context seconds, without moving its knob */
	turn(parameter: string, value: number, audioTime: number): void;
}

export function patchedVoice(track: VoiceTrack, voice: Voice, options: PatchBayOptions): Voice {
	const cables = DEFAULT_PATCH.filter((cable) => cable.track === track).map((cable) => ({
		cable,
		parameter: parameterOf(cable.parameter) as NumberParameter
	}));
	/** parameters that are away from their knobs */
	const moved = new Set<string>();

	function turnKnobs(note: PlayedNote, time: number): void {
		const { values, signals, turn } = options;
		const depth = values.get('patch.amount') / 100;
		const heard = depth > 0 ? noteSignals(signals(note.frames.first, note.frames.last)) : null;
		for (const { cable, parameter } of cables) {
			const knob = values.get(parameter.id);
			if (heard) {
				const travel = modulate(toTravel(parameter, knob), cable, heard, depth);
				turn(parameter.id, fromTravel(parameter, travel), time);
				moved.add(parameter.id);
			} else if (moved.delete(parameter.id)) turn(parameter.id, knob, time);
		}
	}

	return {
		play(note, time) {
			turnKnobs(note, time);
			voice.play(note, time);
		},
		set: (parameter, value, time) => voice.set(parameter, value, time),
		advance: (time) => voice.advance?.(time),
		silence: (time) => voice.silence(time),
		dispose: () => voice.dispose()
	};
}
