/** What is alight in the score, and for how long; what the heads and alternatives of a note are. */
import { describe, expect, it } from 'vitest';
import { createFakeInstrument } from '../../fixtures/fakeInstrument';
import { ALTERNATIVES_SHOWN, alternativesOf } from '../../../src/lib/views/alternatives';
import { noteEdges } from '../../../src/lib/views/arcs';
import { BarBook } from '../../../src/lib/views/barBook';
import { headActivity } from '../../../src/lib/views/heads';
import { ARCS_ALIGHT, Scene, arcPhase, landingOn, landings } from '../../../src/lib/views/scene';
import { sequenceOf } from '../../../src/lib/views/scoreModel';
import { tokenOf } from '../../../src/lib/music/vocabulary';
import { note } from './notes';

const target = note({ beat: 1, frames: { first: 1, last: 1 } });
const source = note({ beat: 4, frames: { first: 4, last: 4 } });
const arc = { source, target, depth: 2 as const, weight: 0.5 };

describe('an arc in flight', () => {
	it('is dark before its note is heard, and dark again in the end', () => {
		expect(arcPhase(-1, false)).toBeNull();
		expect(arcPhase(10_000, false)).toBeNull();
	});

	it('springs from the note to its target, then fades', () => {
		const young = arcPhase(60, false)!;
		const landed = arcPhase(300, false)!;
		const old = arcPhase(1200, false)!;
		expect(young.tip).toBeLessThan(0.5);
		expect(landed).toMatchObject({ tail: 0, tip: 1, brightness: 1 });
		expect(old.brightness).toBeLessThan(landed.brightness);
	});

	it('stands still from end to end where motion is unwelcome', () => {
		for (const age of [0, 60, 300, 1200]) {
			expect(arcPhase(age, true)).toMatchObject({ tail: 0, tip: 1 });
		}
	});
});

describe('the scene', () => {
	it('keeps the strongest when more arcs are lit than can be read', () => {
		const scene = new Scene();
		const many = Array.from({ length: 100 }, (_, i) => ({ ...arc, weight: (i + 1) / 100 }));
		scene.light(many, 0);
		const alight = scene.alight(200, false);
		expect(alight).toHaveLength(ARCS_ALIGHT);
		expect(alight[alight.length - 1]!.arc.weight).toBe(1);
		expect(alight[0]!.arc.weight).toBeCloseTo((101 - ARCS_ALIGHT) / 100);
	});

	it('forgets arcs that are over', () => {
		const scene = new Scene();
		scene.light([arc], 0);
		expect(scene.alight(10_000, false)).toEqual([]);
	});

	it('lights the notes that arcs have reached, not their copies in repeated bars', () => {
		const scene = new Scene();
		scene.light([arc], 0);
		expect(landings(scene.alight(60, false)).size).toBe(0);
		const lit = landings(scene.alight(300, false));
		expect(landingOn(lit, target)?.light).toBeGreaterThan(0.5);
		expect(landingOn(lit, { ...target, beat: 5 })).toBeUndefined();
	});
});

describe('the facts of the bars', () => {
	it('tell the section, and whether a bar repeats; a bar that is written again replaces the first', () => {
		const book = new BarBook();
		const tokens = [tokenOf('BAR'), tokenOf('STYLE'), tokenOf('SECTION', 2)];
		book.write(8, { tokens, generated: false, repeated: true });
		expect(book.at(2)).toEqual({ section: 'drop', generated: false, repeated: true });
		book.write(8, { tokens: [tokenOf('BAR')], generated: true, repeated: false });
		expect(book.at(2)).toEqual({ section: '', generated: true, repeated: false });
	});
});

describe('the panels, on a set that plays', () => {
	let time = 0;
	const instrument = createFakeInstrument({ clock: () => time });
	void instrument.start();
	for (; time < 20_000; time += 25) instrument.tick();
	const notes = instrument.notesBetween(16, 32);

	it('show every head between nought and one, the most active at one', () => {
		for (const played of notes) {
			const frames = [instrument.frame(played.frames.last)!];
			const activity = headActivity(frames, 768).flat();
			expect(Math.max(...activity)).toBeCloseTo(1);
			expect(Math.min(...activity)).toBeGreaterThanOrEqual(0);
		}
	});

	it('show what was written among what might have been, exactly once', () => {
		for (const played of notes) {
			const rows = alternativesOf(played, (position) => instrument.frame(position));
			expect(rows.length).toBeLessThanOrEqual(ALTERNATIVES_SHOWN);
			expect(rows.filter(({ taken }) => taken)).toHaveLength(1);
		}
	});

	it('find arcs for the notes of a set under way', () => {
		const withArcs = notes.filter((played) => noteEdges(played, sequenceOf(instrument)).length > 0);
		expect(withArcs.length).toBeGreaterThan(notes.length / 2);
	});
});
