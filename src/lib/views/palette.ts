/** The theme's tokens as the canvas needs them: resolved, in one read, whenever the theme changes. */
import { VOICE_TRACKS, type VoiceTrack } from '../controls/parameters';
import type { Theme } from '../controls/theme.svelte';

export interface Palette {
	ground: string;
	surface: string;
	sunken: string;
	line: string;
	lineStrong: string;
	ink: string;
	inkMuted: string;
	inkFaint: string;
	live: string;
	liveText: string;
	tracks: Record<VoiceTrack, string>;
	depths: readonly [string, string, string];
	/** how overlapping light is added */
	blend: GlobalCompositeOperation;
	/** 0..1 */
	gain: number;
	numbers: string;
}

/** The tokens in force at an element while the page wears `theme`: light adds up on a dark ground, ink on paper. */
export function readPalette(element: Element, theme: Theme): Palette {
	const style = getComputedStyle(element);
	const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
	return {
		ground: token('ground'),
		surface: token('surface'),
		sunken: token('sunken'),
		line: token('line'),
		lineStrong: token('line-strong'),
		ink: token('ink'),
		inkMuted: token('ink-muted'),
		inkFaint: token('ink-faint'),
		live: token('live'),
		liveText: token('live-text'),
		tracks: Object.fromEntries(
			VOICE_TRACKS.map((track) => [track, token(`track-${track}`)])
		) as Record<VoiceTrack, string>,
		depths: [token('depth-0'), token('depth-1'), token('depth-2')],
		blend: theme === 'light' ? 'multiply' : 'screen',
		gain: theme === 'light' ? 0.66 : 1,
		numbers: token('numbers')
	};
}

/** `#rrggbb` with an opacity 0..1. */
export function faded(hex: string, opacity: number): string {
	const byte = Math.round(255 * Math.max(0, Math.min(1, opacity)));
	return hex + byte.toString(16).padStart(2, '0');
}
