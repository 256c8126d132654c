/** What is handed to the jam, in words, which stretches of a piece can be, and how its knobs stand. */
import { describe, expect, it } from 'vitest';
import { promptOf } from '../../../src/lib/sonify/prompt';
import { barWords, promptPlace, promptSettings } from '../../../src/lib/views/promptWords';
import { knobsAt } from '../../../src/lib/views/weights/knobs';
import { handRanges } from '../../../src/lib/views/weights/sections';
import { scoreOf } from '../instrument/scores';

describe('a prompt in words', () => {
	it('counts bars from 1, and says which', () => {
		expect(barWords({ from: 4, to: 8 })).toBe('bars 5 to 8');
		expect(barWords({ from: 0, to: 1 })).toBe('bar 1');
	});

	it('says where it is from, and what the jam is set to', () => {
		const prompt = promptOf(scoreOf(8), { from: 0, to: 8 }, [0, 1]);
		expect(promptPlace(prompt)).toBe('Acid of test/model, bars 5 to 8');
		expect(promptSettings(prompt)).toBe('style acid, A minor, 120 BPM');
	});

	it('says where the model does not play the style of the piece', () => {
		const opera = scoreOf(2, { piece: 'opera' });
		expect(promptSettings(promptOf(opera, { from: 0, to: 2 }, [0, 5]))).toBe(
			'style ambient (the nearest that the model plays), A minor, 120 BPM'
		);
	});
});

describe('the stretches of a piece that can be handed over', () => {
	const sections = [
		{ name: 'intro', beat: 0, bars: 8, scale: 'minor', tonic: 9 },
		{ name: 'drop', beat: 32, bars: 16, scale: 'minor', tonic: 9 }
	] as const;
	const score = scoreOf(24, { sections });

	it('are the section at the playhead, what comes before the playhead, and the whole', () => {
		expect(handRanges(score, 41, null)).toEqual([
			{ name: 'End of drop', range: { from: 8, to: 24 } },
			{ name: 'Up to the playhead', range: { from: 0, to: 11 } },
			{ name: 'End of the piece', range: { from: 0, to: 24 } }
		]);
	});

	it('begin with the loop where there is one, and end with the piece behind its end', () => {
		expect(handRanges(score, 96, { from: 2, to: 6 }).map(({ range }) => range)).toEqual([
			{ from: 2, to: 6 },
			{ from: 0, to: 24 },
			{ from: 0, to: 24 }
		]);
	});
});

describe('the knobs of a piece in words', () => {
	it('say where each was set last, and by which number', () => {
		const [point] = scoreOf(4).automation[0]!.points;
		expect(knobsAt(scoreOf(4).automation, 7.9)).toEqual([
			{ id: 'bass.cutoff', name: 'Acid bass, cutoff', value: '200 Hz', source: point!.source }
		]);
		expect(knobsAt(scoreOf(4).automation, 8)[0]!.value).toBe('5000 Hz');
	});
});
