/**
 * The kit as a table: for every piece of the vocabulary how it is rendered, how loud it stands in the kit, where it stands
 * in the stereo picture, which settings it depends on and which pieces it cuts off.
 */
import type { DRUM_PIECES } from '../../music/vocabulary';
import { renderKick } from './kick';
import { type MembraneName, renderMembrane } from './membranes';
import {
	renderClosedHat,
	renderCrash,
	renderOpenHat,
	renderPedalHat,
	renderRide,
	renderRideBell,
	renderTambourine
} from './metals';
import { renderClap, renderSnare } from './snares';
import type { DrumSettings } from './sound';
import { renderClaves, renderCowbell, renderRim, renderShaker } from './woods';

export type PieceName = (typeof DRUM_PIECES)[number]['name'];
export type DrumSetting = 'tune' | 'decay' | 'snap' | 'hatDecay';

export interface Piece {
	render: (settings: DrumSettings) => Float32Array<ArrayBuffer>;
	/** dB, with a render that peaks near 0 dBFS */
	level: number;
	/** -1 left .. 1 right */
	pan: number;
	/** the settings that change the render */
	follows: readonly DrumSetting[];
	/** pieces of one choke group cut each other off */
	choke: 'kick' | 'hats' | null;
}

function membrane(name: MembraneName, level: number, pan: number): Piece {
	const render = (settings: DrumSettings): Float32Array<ArrayBuffer> =>
		renderMembrane(name, settings);
	return { render, level, pan, follows: [], choke: null };
}

function plain(render: Piece['render'], level: number, pan: number): Piece {
	return { render, level, pan, follows: [], choke: null };
}

function hat(render: Piece['render'], level: number): Piece {
	return { render, level, pan: 0.2, follows: ['hatDecay'], choke: 'hats' };
}

export const PIECES: Readonly<Record<PieceName, Piece>> = {
	kick: {
		render: renderKick,
		level: -2,
		pan: 0,
		follows: ['tune', 'decay', 'snap'],
		choke: 'kick'
	},
	rim: plain(renderRim, -7, -0.2),
	snare: { render: renderSnare, level: -1, pan: 0, follows: ['snap'], choke: null },
	clap: plain(renderClap, 0, 0),
	'floor tom': membrane('floor tom', -6, -0.4),
	'closed hat': hat(renderClosedHat, -4),
	'pedal hat': hat(renderPedalHat, -6),
	'low tom': membrane('low tom', -6, -0.2),
	'open hat': hat(renderOpenHat, -7),
	'mid tom': membrane('mid tom', -7, 0.2),
	crash: plain(renderCrash, -9, -0.4),
	'high tom': membrane('high tom', -7, 0.4),
	ride: plain(renderRide, -9, 0.4),
	'ride bell': plain(renderRideBell, -11, 0.4),
	tambourine: plain(renderTambourine, -10, 0.2),
	cowbell: plain(renderCowbell, -9, 0.2),
	bongo: membrane('bongo', -10, 0.4),
	'mute conga': membrane('mute conga', -9, -0.4),
	'open conga': membrane('open conga', -9, -0.4),
	'low conga': membrane('low conga', -9, -0.2),
	shaker: plain(renderShaker, -8, -0.4),
	claves: plain(renderClaves, -9, 0.4)
};
