/**
 * The kits as tables: for every piece of the vocabulary how it is rendered, how loud it stands in the kit, where it stands
 * in the stereo picture, which settings it depends on and which pieces it cuts off.
 */
import type { DRUM_PIECES } from '../../music/vocabulary';
import { renderKick } from './kick';
import {
	renderClap808,
	renderClaves808,
	renderClosedHat808,
	renderCrash808,
	renderKick808,
	renderMaracas808,
	renderOpenHat808,
	renderPedalHat808,
	renderRide808,
	renderRideBell808,
	renderRim808,
	renderSkin808,
	renderSnare808,
	type Skin808
} from './kit808';
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

export type Kit = Readonly<Record<PieceName, Piece>>;

const KIT_909: Kit = {
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

function skin808(name: Skin808, level: number, pan: number): Piece {
	return plain((settings) => renderSkin808(name, settings), level, pan);
}

const KIT_808: Kit = {
	...KIT_909,
	kick: { ...KIT_909.kick, render: renderKick808, level: -2 },
	rim: plain(renderRim808, -7, -0.2),
	snare: { ...KIT_909.snare, render: renderSnare808 },
	clap: plain(renderClap808, 0, 0),
	'floor tom': skin808('floor tom', -7, -0.4),
	'closed hat': hat(renderClosedHat808, -4),
	'pedal hat': hat(renderPedalHat808, -6),
	'low tom': skin808('low tom', -7, -0.2),
	'open hat': hat(renderOpenHat808, -7),
	'mid tom': skin808('mid tom', -8, 0.2),
	crash: plain(renderCrash808, -9, -0.4),
	'high tom': skin808('high tom', -8, 0.4),
	ride: plain(renderRide808, -9, 0.4),
	'ride bell': plain(renderRideBell808, -11, 0.4),
	bongo: skin808('bongo', -10, 0.4),
	'mute conga': skin808('mute conga', -9, -0.4),
	'open conga': skin808('open conga', -9, -0.4),
	'low conga': skin808('low conga', -9, -0.2),
	shaker: plain(renderMaracas808, -8, -0.4),
	claves: plain(renderClaves808, -9, 0.4)
};

/** In the order of the choices of `drums.kit`. */
export const KITS: readonly Kit[] = [KIT_909, KIT_808];
