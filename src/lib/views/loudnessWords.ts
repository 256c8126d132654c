/** Loudness in words. Pure. */
import type { Loudness } from '../instrumentHandle';

/** "-14.2", or a dash for silence; a minus sign and one decimal, so that its width stays. */
export function decibelText(decibels: number): string {
	return Number.isFinite(decibels) && decibels > -100 ? decibels.toFixed(1) : '\u2013';
}

export function loudnessTitle(loudness: Loudness | null): string {
	if (!loudness) return 'Loudness of the last three seconds';
	return (
		`Loudness of the last three seconds. The set so far: ${decibelText(loudness.integrated)} LUFS, ` +
		`true peak ${decibelText(loudness.truePeak)} dBTP`
	);
}
