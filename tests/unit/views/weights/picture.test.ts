import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMPOSE } from '../../../../src/lib/sonify/pieces';
import { PIECES } from '../../../../src/lib/sonify/score';
import type { ModelStatistics } from '../../../../src/lib/sonify/statistics';
import { noteBox } from '../../../../src/lib/views/scoreLayout';
import {
	indexAt,
	linePath,
	scaleOf,
	ticksOf,
	xOf,
	yOf
} from '../../../../src/lib/views/weights/plotLayout';
import { notesInSight, rollLayout, rollOf } from '../../../../src/lib/views/weights/rollPicture';
import { sectionAt } from '../../../../src/lib/views/weights/sections';
import {
	numberWords,
	placeWords,
	quantityOf,
	rolesOf,
	sameRole,
	shares,
	sourceWords,
	tablesOf,
	tensorAt
} from '../../../../src/lib/views/weights/tensors';
import { FAMILIES, statisticsOf } from '../../sonify/models';

const models: ModelStatistics[] = [];

beforeAll(async () => {
	for (const config of Object.values(FAMILIES)) models.push(await statisticsOf(config, 3));
});

describe('the tensors of a model', () => {
	it('are all on the map, each once and under its own place', () => {
		for (const model of models) {
			for (const role of rolesOf(model)) {
				expect(sameRole(model, { role, layer: 0 })).toHaveLength(model.layers.length);
				expect(tensorAt(model, { role, layer: 1 })).toMatchObject({ role, layer: 1 });
			}
			for (const table of tablesOf(model)) expect(tensorAt(model, table)).toBe(table);
			expect(tensorAt(model, { role: 'query', layer: 99 })).toBeNull();
		}
	});

	it('hold every number that made a note of any piece', () => {
		for (const model of models) {
			for (const piece of PIECES) {
				for (const { source, accentSource, slideSource } of COMPOSE[piece](model).notes) {
					for (const each of [source, accentSource, slideSource]) {
						if (each) expect(tensorAt(model, each)?.tensor).toBe(each.tensor);
					}
				}
			}
		}
	});

	it('are named in words', () => {
		const [source] = COMPOSE.acid(models[0]!).notes.map((note) => note.source);
		expect(sourceWords(source!)).toMatch(/ of (layer \d|[a-z])/);
		expect(placeWords({ role: 'up', layer: 2 })).toBe('Layer 3, up');
		expect(placeWords({ role: 'finalNorm', layer: null })).toBe('Final norm');
		expect([0, 3, 12345, 0.00002, -1.5].map(numberWords)).toEqual([
			'0',
			'3.000',
			'1.23e+4',
			'2.00e-5',
			'-1.500'
		]);
	});

	it('are as bright as they stand among their layers', () => {
		const column = sameRole(models[1]!, { role: 'down', layer: 0 });
		const bright = shares(column.map((tensor) => quantityOf(tensor, 'Frobenius norm')));
		expect(Math.min(...bright)).toBe(0);
		expect(Math.max(...bright)).toBe(1);
		expect(shares([2, 2])).toEqual([0.5, 0.5]);
	});
});

describe('a plot', () => {
	const series = fc.array(fc.float({ min: Math.fround(0.001), max: 1000, noNaN: true }), {
		minLength: 1,
		maxLength: 3000
	});

	it('draws every value inside of its field, on both axes', () => {
		fc.assert(
			fc.property(series, fc.boolean(), (values, logarithmic) => {
				const scale = scaleOf([values], logarithmic);
				for (const value of values) {
					expect(yOf(scale, value, 100)).toBeGreaterThanOrEqual(-1e-6);
					expect(yOf(scale, value, 100)).toBeLessThanOrEqual(100 + 1e-6);
				}
				for (const tick of ticksOf(scale)) {
					expect(yOf(scale, tick, 100)).toBeGreaterThanOrEqual(-1);
					expect(yOf(scale, tick, 100)).toBeLessThanOrEqual(101);
				}
			})
		);
	});

	it('shows peaks of series that are longer than it is wide', () => {
		const values = new Float32Array(10_000).fill(1);
		values[7777] = 5;
		const path = linePath(values, 200, 100, scaleOf([values], false));
		expect(path.split('L').length).toBeLessThanOrEqual(400);
		expect(path).toMatch(/ 0\.0(L|$)/);
	});

	it('finds the number under a point again', () => {
		for (const count of [1, 7, 48, 900]) {
			for (let i = 0; i < count; i += 3) expect(indexAt(xOf(i, count, 320), count, 320)).toBe(i);
		}
		expect(indexAt(-5, 10, 100)).toBe(0);
		expect(indexAt(500, 10, 100)).toBe(9);
	});
});

describe('the roll of a score', () => {
	it('has a place for every note in a lane of its track, at any width', () => {
		for (const piece of PIECES) {
			const score = COMPOSE[piece](models[2]!);
			const roll = rollOf(score);
			for (const width of [390, 1100]) {
				const layout = rollLayout(roll, width, 300);
				expect(layout.lanes.map(({ track }) => track)).toEqual(roll.tracks);
				for (const note of roll.notes) {
					const lane = layout.lanes.find(({ track }) => track === note.track)!;
					const box = noteBox(layout, note, note.beat)!;
					expect(box.y).toBeGreaterThanOrEqual(lane.top - 4);
					expect(box.y + box.height).toBeLessThanOrEqual(lane.top + lane.height + 4);
					expect(Math.abs(box.x - layout.playheadX)).toBeLessThan(9);
				}
			}
		}
	});

	it('shows notes that began before and still sound', () => {
		const score = COMPOSE.opera(models[0]!);
		const roll = rollOf(score);
		const long = roll.notes.find(({ duration, beat }) => duration >= 8 && beat > 0)!;
		const layout = rollLayout(roll, 390, 300);
		expect(notesInSight(roll, layout, long.beat + 7)).toContain(long);
		expect(sectionAt(score, 0)).toBe(score.sections[0]);
		expect(sectionAt(score, 1e6)).toBe(score.sections.at(-1));
	});
});
