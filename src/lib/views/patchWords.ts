/** What the patch bay says of cables: names of knobs, presets that a patch equals, and pseudo-parameters of its bars. */
import {
	TRACK_LABELS,
	VOICE_TRACKS,
	type NumberParameter,
	type VoiceTrack
} from '../controls/parameters';
import { VOICE_CHOICES } from '../controls/voiceParameters';
import { PATCHABLE, knobOf, type Cable } from '../signals/patch';
import { PATCH_PRESETS } from '../signals/patchPresets';

export interface KnobGroup {
	track: VoiceTrack;
	label: string;
	knobs: { id: string; label: string }[];
}

/** The knobs that a cable may turn, by track; a knob of one voice names it. */
export const KNOB_GROUPS: readonly KnobGroup[] = VOICE_TRACKS.map((track) => ({
	track,
	label: TRACK_LABELS[track],
	knobs: PATCHABLE.filter(({ group }) => group === track).map((parameter) => ({
		id: parameter.id,
		label: knobLabel(parameter)
	}))
}));

function knobLabel({ label, group, voice }: NumberParameter): string {
	const name = voice === undefined ? undefined : VOICE_CHOICES[group]?.[voice];
	return name ? `${label} (${name})` : label;
}

/** What a cable turns, in words. */
export function targetWords(cable: Cable): string {
	if ('controller' in cable.target) return `MIDI controller ${cable.target.controller}`;
	const knob = knobOf(cable);
	if (!knob) return 'nothing';
	const label = knob.label.toLowerCase();
	return knob.group === cable.track
		? label
		: `${label} of ${TRACK_LABELS[knob.group as VoiceTrack].toLowerCase()}`;
}

/** The preset that a patch is; null when it is somebody's own. */
export function presetOf(cables: readonly Cable[]): string | null {
	const text = JSON.stringify(cables);
	return PATCH_PRESETS.find((preset) => JSON.stringify(preset.cables) === text)?.name ?? null;
}
