/** What the patch bay says of cables: names of knobs, the named patch that some cables are, and pseudo-parameters of its bars. */
import {
	TRACK_LABELS,
	VOICE_TRACKS,
	type NumberParameter,
	type VoiceTrack
} from '../controls/parameters';
import { VOICE_CHOICES } from '../controls/voiceParameters';
import { PATCHABLE, knobOf, type Cable } from '../signals/patch';
import type { PatchPreset } from '../signals/patchPresets';

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

/** The first of these patches that has exactly these cables; null when they are nobody's yet. */
export function patchOf(
	cables: readonly Cable[],
	patches: readonly PatchPreset[]
): PatchPreset | null {
	const text = JSON.stringify(cables);
	return patches.find((patch) => JSON.stringify(patch.cables) === text) ?? null;
}
