/** Renders the rack offline: what a listener hears, faster than it sounds. */
import { createRack, type Rack, type RackOptions } from '../../src/lib/voices/rack';
import { type Stereo, stereoOf } from './measure';

export interface Rendering {
	sound: Stereo;
	latencySeconds: number;
	readySeconds: number;
	/** seconds of sound in one second of work */
	speed: number;
}

/**
 * Renders `seconds` of a new rack. `perform` plays on it before the rendering starts, and may ask the context to pause
 * where it wants to play on.
 */
export async function renderRack(
	seconds: number,
	sampleRate: number,
	perform: (rack: Rack, context: OfflineAudioContext) => void,
	options?: RackOptions
): Promise<Rendering> {
	const context = new OfflineAudioContext(2, Math.ceil(seconds * sampleRate), sampleRate);
	const begin = performance.now();
	const rack = await createRack(context, options);
	const ready = performance.now();
	perform(rack, context);
	await rack.settled();
	const start = performance.now();
	const sound = stereoOf(await context.startRendering());
	const speed = seconds / ((performance.now() - start) / 1000);
	rack.dispose();
	return {
		sound,
		speed,
		latencySeconds: rack.latencySeconds,
		readySeconds: (ready - begin) / 1000
	};
}
