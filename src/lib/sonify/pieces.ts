/** The pieces by name: each a pure function from the statistics of a model to a score. */
import { acid } from './acid';
import { dna } from './dna/dna';
import { house } from './house';
import { opera } from './opera/opera';
import type { PieceName, Score } from './score';
import type { ModelStatistics } from './statistics';

export const COMPOSE: Readonly<Record<PieceName, (model: ModelStatistics) => Score>> = {
	acid,
	house,
	opera,
	dna
};
