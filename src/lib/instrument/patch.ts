/** The patch as pages see it: cables that are remembered from visit to visit. */
import { recall, remember } from '../controls/remembered';
import type { Patch } from '../instrumentHandle';
import { readCables, type Cable } from '../signals/patch';
import {
	DEFAULT_PATCH,
	patchName,
	readPatches,
	withPatch,
	type PatchPreset
} from '../signals/patchPresets';
import type { PatchBay } from './patchBay';

export interface PatchOptions {
	/** the moment that is heard now, in audio-context seconds */
	heardTime(): number;
	onChange(cables: readonly Cable[]): void;
	onKept(patches: readonly PatchPreset[]): void;
}

const KEY = 'patch';
const KEPT_KEY = 'patches';

/** Plugs the remembered cables into the bay, or the default ones, and returns the handle to it. */
export function createPatch(bay: PatchBay, { heardTime, onChange, onKept }: PatchOptions): Patch {
	bay.setCables(readCables(remembered(KEY)) ?? DEFAULT_PATCH);
	let kept: readonly PatchPreset[] = readPatches(remembered(KEPT_KEY));

	function setKept(next: readonly PatchPreset[]): void {
		kept = next;
		remember(KEPT_KEY, JSON.stringify(next));
		onKept(next);
	}

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
		get kept() {
			return kept;
		},
		keep(name) {
			setKept(withPatch(kept, patchName(name), bay.cables));
		},
		forget(name) {
			setKept(kept.filter((one) => one.name !== name));
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

/** What was remembered under a key; null where nothing was, or nothing that can be read. */
function remembered(key: string): unknown {
	try {
		return JSON.parse(recall(key) ?? 'null');
	} catch {
		return null; // the text was written by hand or cut off: what is there to begin with is better than nothing
	}
}
