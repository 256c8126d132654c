/** What the page about weights shows: the measured model, the tensor that is open, the piece, and the note that is chosen. */
import type { ModelSource } from '../../generate/protocol';
import type { Source } from '../../sonify/readings';
import type { PieceName, Score } from '../../sonify/score';
import { COMPOSE } from '../../sonify/pieces';
import type { FromWeights, MeasuredModel } from '../../weights/protocol';
import type { WeightsClient } from '../../weights/weightsClient';
import { tensorAt, type Tensor, type TensorPlace } from './tensors';

/** How far opening and measuring are. */
export type Progress = Extract<FromWeights, { type: 'progress' | 'measuring' }>;

const FIRST_PLACE: TensorPlace = { role: 'query', layer: 0 };

export class WeightsState {
	model = $state.raw<MeasuredModel | null>(null);
	progress = $state.raw<Progress | null>(null);
	opening = $state(false);
	message = $state('');
	problem = $state('');
	place = $state.raw<TensorPlace>(FIRST_PLACE);
	/** the number that is marked in the open tensor */
	marked = $state.raw<Source | null>(null);
	piece = $state<PieceName>('acid');
	score = $state.raw<Score | null>(null);
	/** index of the note that is chosen */
	note = $state<number | null>(null);
	/** where the model came from */
	source = $state.raw<ModelSource | null>(null);

	readonly tensor: Tensor | null = $derived(
		this.model && tensorAt(this.model.statistics, this.place)
	);
	readonly #client: WeightsClient;
	readonly #onScore: (score: Score | null) => void;
	#asked: ModelSource | null = null;

	/** `onScore` is told of every piece that takes the place of another. */
	constructor(
		openClient: (onMessage: (message: FromWeights) => void) => WeightsClient,
		onScore: (score: Score | null) => void
	) {
		this.#onScore = onScore;
		this.#client = openClient((message) => {
			this.#hear(message);
		});
	}

	open(source: ModelSource): void {
		this.opening = true;
		this.problem = '';
		this.message = '';
		this.progress = null;
		this.#asked = source;
		this.#client.send({ type: 'measure', source });
	}

	cancel(): void {
		this.opening = false;
		this.progress = null;
		this.message = this.model
			? 'Cancelled. What was open stays open.'
			: 'Cancelled. Open a model to see its weights.';
		this.#client.send({ type: 'cancel' });
	}

	choosePiece(piece: PieceName): void {
		this.piece = piece;
		this.#compose();
	}

	openTensor(place: TensorPlace): void {
		this.place = { role: place.role, layer: place.layer };
		this.marked = null;
	}

	/** Opens the tensor that a number is of, and marks the number. */
	show(source: Source): void {
		this.openTensor(source);
		this.marked = source;
	}

	/** Chooses a note of the score and shows what made it. */
	chooseNote(index: number | null): void {
		this.note = index;
		const source = index === null ? undefined : this.score?.notes[index]?.source;
		if (source) this.show(source);
	}

	dispose(): void {
		this.#client.dispose();
	}

	#hear(message: FromWeights): void {
		switch (message.type) {
			case 'progress':
			case 'measuring':
				if (this.opening) this.progress = message;
				break;
			case 'measured':
				if (!this.opening) break;
				this.opening = false;
				this.progress = null;
				this.model = message.model;
				this.source = this.#asked;
				this.openTensor(FIRST_PLACE);
				this.#compose();
				break;
			case 'notice':
				this.message = message.message;
				break;
			case 'failed':
				this.opening = false;
				this.progress = null;
				this.problem = message.message;
				break;
		}
	}

	#compose(): void {
		if (!this.model) return;
		this.note = null;
		this.marked = null;
		try {
			this.score = COMPOSE[this.piece](this.model.statistics);
			this.problem = '';
		} catch (error) {
			this.score = null;
			this.problem = error instanceof Error ? error.message : String(error);
		}
		this.#onScore(this.score);
	}
}
