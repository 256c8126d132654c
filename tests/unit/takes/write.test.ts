/** Takes are written by the instrument's own writer, and a seed and its controls give the same take again. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diskFolder, weightsHash } from '../../../bench/diskFolder';
import { loadModel } from '../../../src/lib/model/loadModel';
import { createOnnxModel } from '../../../src/lib/model/onnx/onnxModel';
import { MODES, KEYS, SECTIONS, STYLES } from '../../../src/lib/music/vocabulary';
import { checkPlans, controlsOfBars, type TakePlan } from '../../../takes/plan';
import { writeTake } from '../../../takes/write';
import { DiceDecoder } from '../../fixtures/diceDecoder';
import { ORT_FILES } from '../model/onnxFiles';
import { SHIPPED_FOLDER } from '../model/fixtures';

const TAKES = fileURLToPath(new URL('../../../takes/', import.meta.url));
const PLANS = JSON.parse(readFileSync(`${TAKES}plans.json`, 'utf8')) as TakePlan[];

const PLAN: TakePlan = {
	name: 'a-take',
	seed: 11,
	style: 'house',
	key: 'Eb',
	mode: 'dorian',
	tempo: 126,
	phrases: [
		{ bars: 8, section: 'build', energy: 3 },
		{ bars: 8, section: 'drop', density: { lead: 0, bass: 7 } }
	]
};

describe('the list of takes', () => {
	test('has twenty, of six styles, that the panel can set', () => {
		checkPlans(PLANS);
		expect(PLANS).toHaveLength(20);
		expect(new Set(PLANS.map(({ style }) => style)).size).toBe(6);
		expect(new Set(PLANS.map(({ seed }) => seed)).size).toBe(20);
	});

	test.each([
		[{ ...PLAN, key: 'H' }, 'key "H"'],
		[{ ...PLAN, phrases: [{ bars: 16, section: 'chorus' }] }, 'section "chorus"'],
		[{ ...PLAN, phrases: [{ bars: 4 }] }, '4 bars'],
		[{ ...PLAN, name: 'A take' }, "can't name a take"]
	])('refuses what can not be, case %#', (plan, complaint) => {
		expect(() => checkPlans([plan])).toThrow(complaint);
	});

	test('leaves to the model what it does not name', () => {
		const [first] = controlsOfBars(PLAN);
		expect(first).toMatchObject({ energy: 3, seed: 11, density: { bass: null, lead: null } });
		expect(controlsOfBars(PLAN)[8]).toMatchObject({ energy: null, density: { bass: 7, lead: 0 } });
	});
});

describe('a take', () => {
	test('has the bars of its plan, with the controls that were asked for', async () => {
		const { bars, signals } = await writeTake(new DiceDecoder(), PLAN);
		expect(bars).toHaveLength(16);
		bars.forEach(({ controls, notes }, bar) => {
			expect(STYLES[controls.style]).toBe('house');
			expect(KEYS[controls.key]).toBe('Eb');
			expect(MODES[controls.mode]).toBe('dorian');
			expect(SECTIONS[controls.section]).toBe(bar < 8 ? 'build' : 'drop');
			expect(notes.every(({ beat }) => beat >= 4 * bar && beat < 4 * bar + 4)).toBe(true);
			if (bar >= 8) expect(notes.some(({ track }) => track === 'lead')).toBe(false);
		});
		const count = bars.reduce((sum, { tokens }) => sum + tokens.length, 0);
		expect(Object.keys(signals).length).toBeGreaterThan(3);
		for (const heard of Object.values(signals)) expect(heard).toHaveLength(count);
	});

	test('comes again with its seed, and not with another', async () => {
		const tokensOf = async (plan: TakePlan) =>
			(await writeTake(new DiceDecoder(), plan, 4)).bars.map(({ tokens }) => tokens);
		const once = await tokensOf(PLAN);
		expect(await tokensOf(PLAN)).toEqual(once);
		expect(await tokensOf({ ...PLAN, seed: 12 })).not.toEqual(once);
	});
});

describe.runIf(existsSync(`${TAKES}tokens.json`))('the takes that are kept', () => {
	test('were written by the shipped model, which writes them again', async () => {
		const kept = JSON.parse(readFileSync(`${TAKES}tokens.json`, 'utf8')) as {
			model: string;
			takes: Record<string, number[][]>;
		};
		expect(
			await weightsHash(SHIPPED_FOLDER),
			'The takes are of another model than the shipped one: run `npm run takes`.'
		).toBe(kept.model);
		const model = await loadModel(diskFolder(SHIPPED_FOLDER));
		const engine = await createOnnxModel(model, { files: ORT_FILES, threads: 1 });
		const plan = PLANS[0]!;
		const { bars } = await writeTake(await engine.createDecoder(), plan, 2);
		engine.dispose();
		expect(bars.map(({ tokens }) => tokens)).toEqual(kept.takes[plan.name]!.slice(0, 2));
	});
});
