/** Recordings in words. Pure. */

/** "3:07", or "1:02:09" from an hour on. */
export function durationText(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	const hours = Math.floor(whole / 3600);
	const minutes = Math.floor((whole % 3600) / 60);
	const rest = String(whole % 60).padStart(2, '0');
	return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** "12.4 MB" */
export function sizeText(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
