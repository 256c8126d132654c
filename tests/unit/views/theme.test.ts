/** Both themes can be read: every ink on every ground it is used on, by WCAG 2.2 AA. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VOICE_TRACKS } from '../../../src/lib/controls/parameters';

const css = readFileSync(new URL('../../../src/lib/controls/theme.css', import.meta.url), 'utf8');
const [darkPart, lightPart] = css.split(":root[data-theme='light']");
const dark = tokens(darkPart!);
const themes = { dark, light: { ...dark, ...tokens(lightPart!) } };

const GROUNDS = ['ground', 'surface', 'sunken'];
const INKS = ['ink', 'ink-muted', 'ink-faint', 'live-text', 'warning', 'error'];
/** Marks, not words: 3 to 1 is enough. */
const MARKS = ['line-strong', ...VOICE_TRACKS.map((track) => `track-${track}`)];

function tokens(part: string): Record<string, string> {
	return Object.fromEntries(
		[...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!])
	);
}

function luminance(hex: string): number {
	const [red, green, blue] = [1, 3, 5].map((at) => {
		const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
	const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
	return (bright + 0.05) / (dim + 0.05);
}

describe.each(Object.entries(themes))('the %s theme', (_, theme) => {
	it.each(INKS)('has %s that can be read on every ground', (ink) => {
		for (const ground of [...GROUNDS, 'raised']) {
			if (ink === 'ink-faint' && ground === 'raised') continue; // never used there
			expect(contrast(theme[ink]!, theme[ground]!), ground).toBeGreaterThanOrEqual(4.5);
		}
	});

	it.each(MARKS)('has %s that can be seen on every ground', (mark) => {
		for (const ground of GROUNDS) {
			expect(contrast(theme[mark]!, theme[ground]!), ground).toBeGreaterThanOrEqual(3);
		}
	});

	it('has words that can be read on what is live', () => {
		expect(contrast(theme['live-ink']!, theme.live!)).toBeGreaterThanOrEqual(4.5);
	});
});
