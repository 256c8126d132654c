/** The patch as pages see it: cables that are remembered from visit to visit. */
import { recall, remember } from '../controls/remembered';
import type { Patch } from '../instrumentHandle';
import { readCables, type Cable } from '../signals/patch';
import { DEFAULT_PATCH } from '../signals/patchPresets';
import type { PatchBay } from './patchBay';

export interface PatchOptions {
	/** the moment that is heard now, in audio-context seconds */
	heardTime(): number;
	onChange(cables: readonly Cable[]): void;
}

const KEY = 'patch';

/** Plugs the remembered cables into the bay, or the default ones, and returns the handle to it. */
export function createPatch(bay: PatchBay, { heardTime, onChange }: PatchOptions): Patch {
	bay.setCables(rememberedCables() ?? DEFAULT_PATCH);
	return {
		get cables() {
			return bay.cables;
		},
		set(cables) {
			const taken = cables.map(takenCable);
			bay.setCables(taken);
			remember(KEY, JSON.stringify(taken));
			onChange(taken);
		},
		carried: (cable) => bay.carriedAt(cable, heardTime())
	};
}

function takenCable(cable: Cable): Cable {
	const [read] = readCables([cable]) ?? [];
	if (!read) {
		throw new RangeError(
			`This cable can't be plugged in: ${JSON.stringify(cable)}. It needs a signal, a track, and a knob of a voice or a controller; see kqv.patch.cables for examples.`
		);
	}
	return read;
}

/** What was remembered; null where nothing was, or nothing that can be read. */
function rememberedCables(): Cable[] | null {
	try {
		return readCables(JSON.parse(recall(KEY) ?? 'null'));
	} catch {
		return null; // the text was written by hand or cut off: the default patch is better than none
	}
}
