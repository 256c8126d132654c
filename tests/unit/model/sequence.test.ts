import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sequence, TRUNCATION_LIMIT, cacheCapacity } from '../../../src/lib/model/sequence';
import { TINY, TINY_GPT2 } from './randomModel';

const WINDOW = TINY.window;
const CAPACITY = cacheCapacity(WINDOW);

function sequenceOf(length: number): Sequence {
	const sequence = new Sequence(TINY);
	for (let i = 0; i < length; i++) sequence.append(i % 1000);
	return sequence;
}

describe('a sequence', () => {
	it('knows its last token after any truncation it allows', () => {
		const sequence = sequenceOf(2000);
		sequence.truncate(2000 - TRUNCATION_LIMIT);
		expect(sequence.last).toBe((2000 - TRUNCATION_LIMIT - 1) % 1000);
	});

	it('can be taken back to any length before the ring is full, and to zero always', () => {
		sequenceOf(CAPACITY).truncate(1);
		sequenceOf(5000).truncate(0);
	});

	it('refuses to go back further than the ring remembers, also in two goes', () => {
		const sequence = sequenceOf(2000);
		expect(() => sequence.truncate(1400)).toThrow(/further than 512/);
		sequence.truncate(1700);
		expect(() => sequence.truncate(1400)).toThrow(RangeError);
	});

	it.each([-1, 1.5, 11, NaN])('refuses the length %d', (length) => {
		expect(() => sequenceOf(10).truncate(length)).toThrow(RangeError);
	});

	it('remembers its latest tokens, also after a truncation', () => {
		const sequence = sequenceOf(1500);
		expect([...sequence.recent(3)]).toStrictEqual([499, 498, 497]);
		sequence.truncate(1500 - TRUNCATION_LIMIT);
		const recent = [...sequence.recent(512)];
		expect(recent).toHaveLength(512);
		expect(recent[0]).toBe(987);
		expect(recent[511]).toBe(476);
		sequence.truncate(0);
		expect([...sequence.recent(10)]).toStrictEqual([]);
	});

	it('has room for as many tokens as the model learned positions', () => {
		const sequence = new Sequence(TINY_GPT2);
		for (let i = 0; i < 120; i++) sequence.append(i);
		sequence.requireRoom(8);
		expect(() => sequence.requireRoom(9)).toThrow(/knows 128 positions/);
		expect(() => sequenceOf(2000).requireRoom(1e6)).not.toThrow();
	});

	it('has no last token while it is empty', () => {
		expect(() => sequenceOf(0).last).toThrow(/empty/);
	});

	it('keeps every key that a query after truncation can see', () => {
		const actions = fc.array(
			fc.oneof(
				fc.record({ append: fc.nat(400) }),
				fc.record({ keep: fc.double({ min: 0, max: 1 }) })
			)
		);
		fc.assert(
			fc.property(actions, (list) => {
				const sequence = new Sequence(TINY);
				/** slot → position whose key lies there */
				const slots = new Map<number, number>();
				for (const action of list) {
					if ('append' in action) {
						for (let i = 0; i < action.append; i++) {
							const query = sequence.length - 1;
							if (query >= 0) {
								slots.set(query % CAPACITY, query);
								for (let p = Math.max(0, query - WINDOW + 1); p <= query; p++) {
									expect(slots.get(p % CAPACITY)).toBe(p);
								}
							}
							sequence.append(0);
						}
					} else {
						const length = Math.floor(sequence.length * action.keep);
						try {
							sequence.truncate(length);
						} catch (error) {
							expect(error).toBeInstanceOf(RangeError);
						}
					}
				}
			}),
			{ numRuns: 40 }
		);
	});
});
