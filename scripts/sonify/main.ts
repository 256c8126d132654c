/** From the command line to a MIDI file: reads the arguments, measures the model, composes, writes, and says what it made. */
import { stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createSvd } from '../../src/lib/linalg/svd';
import { ModelFileError } from '../../src/lib/model/modelFileError';
import { KEYS } from '../../src/lib/music/vocabulary';
import { encodeScore } from '../../src/lib/session/scoreFile';
import { measureModel } from '../../src/lib/sonify/measure';
import { COMPOSE } from '../../src/lib/sonify/pieces';
import { PIECES, lengthInSeconds, type PieceName, type Score } from '../../src/lib/sonify/score';
import { SonifyError } from '../../src/lib/sonify/sonifyError';
import { openModel } from './modelOnDisk';

export const USAGE = `npm run sonify -- <model> --piece ${PIECES.join('|')} --out <file.mid>

  <model>        a folder with model.safetensors (or several files and their index), or a .safetensors file:
                 f32, f16 or bf16, of the GPT-2, Llama, Mistral, Gemma, Phi-3 or Qwen families
  --piece name   acid   138 BPM, one bass pattern a layer
                 house  128 bars at 128 BPM, a mode for each section
                 opera  four acts at 66 BPM: overture, canon, climax, dénouement
                 dna    five movements: Lydian, Dorian, Phrygian, pentatonic, Mixolydian
  --out file     the MIDI file to write; its folder has to exist
  --quiet        no progress
  --help         this text`;

/** What a person wrote that can't be understood. */
class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** Where words go. */
export interface Output {
	/** results */
	say(text: string): void;
	/** progress and errors */
	note(text: string): void;
}

export async function main(argv: readonly string[]): Promise<void> {
	process.exitCode = await sonify(argv, { say: console.log, note: console.error });
}

/** Makes a piece as `argv` asks; gives 0, or 1 when it could not be made, or 2 when the arguments make no sense. */
export async function sonify(argv: readonly string[], output: Output): Promise<number> {
	try {
		const asked = readArguments(argv);
		if (asked === 'help') {
			output.say(USAGE);
			return 0;
		}
		await requireFolder(asked.out);
		const score = await compose(asked, output);
		await writeFile(asked.out, encodeScore(score));
		output.say(`${describe(score)}\nWritten to ${asked.out}`);
		return 0;
	} catch (error) {
		if (error instanceof UsageError) {
			output.note(`${error.message}\n\n${USAGE}`);
			return 2;
		}
		if (error instanceof ModelFileError || error instanceof SonifyError || isSystemError(error)) {
			output.note(error.message);
			return 1;
		}
		throw error;
	}
}

interface Asked {
	readonly model: string;
	readonly piece: PieceName;
	readonly out: string;
	readonly quiet: boolean;
}

function readArguments(argv: readonly string[]): Asked | 'help' {
	const { values, positionals } = parsed(argv);
	if (values.help) return 'help';
	const [model, ...others] = positionals;
	if (model === undefined) {
		throw new UsageError('No model was given. Name a folder or a .safetensors file.');
	}
	if (others.length > 0) {
		throw new UsageError(
			`One model at a time makes a piece, and ${positionals.length} were given: ${positionals.join(', ')}. A path with spaces needs quotes.`
		);
	}
	const piece = PIECES.find((name) => name === values.piece);
	if (!piece) {
		const what =
			values.piece === undefined ? 'No piece was given.' : `There is no piece "${values.piece}".`;
		throw new UsageError(`${what} The pieces are ${PIECES.join(', ')}.`);
	}
	if (values.out === undefined || values.out === '') {
		throw new UsageError('No file to write was given. Add --out and a name, such as piece.mid.');
	}
	return { model: resolve(model), piece, out: resolve(values.out), quiet: values.quiet };
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			allowPositionals: true,
			options: {
				piece: { type: 'string' },
				out: { type: 'string' },
				quiet: { type: 'boolean', default: false },
				help: { type: 'boolean', short: 'h', default: false }
			}
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
	}
}

/** Before minutes are spent on a file that can't be written. */
async function requireFolder(out: string): Promise<void> {
	const folder = await stat(dirname(out)).catch(() => null);
	if (!folder?.isDirectory()) {
		throw new SonifyError(
			`There is no folder ${dirname(out)} to write ${basename(out)} to. Make it, or choose another place with --out.`
		);
	}
	const there = await stat(out).catch(() => null);
	if (there?.isDirectory()) {
		throw new SonifyError(
			`${out} is a folder, and the piece is a file. Add a name to it, such as piece.mid.`
		);
	}
}

/** Seconds between two lines of progress. */
const PROGRESS_SECONDS = 2;

async function compose({ model: path, piece, quiet }: Asked, output: Output): Promise<Score> {
	const model = await openModel(path);
	try {
		let told = performance.now();
		const statistics = await measureModel(model.name, model.weights, {
			singularValues: createSvd(null).singularValues,
			onProgress: ({ done, total, tensor, share }) => {
				const due = performance.now() - told > 1000 * PROGRESS_SECONDS || done === total;
				if (quiet || !due) return;
				told = performance.now();
				output.note(`${Math.floor(100 * share)} %: ${done} of ${total}, ${tensor}`);
			}
		});
		return COMPOSE[piece](statistics);
	} finally {
		await model.close();
	}
}

function describe(score: Score): string {
	const { piece, model, key, bars, notes, sections } = score;
	const seconds = Math.round(lengthInSeconds(score));
	const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	const lines = sections.map(
		({ name, bars, scale, tonic }) => `  ${name}: ${bars} bars, ${KEYS[tonic]} ${scale}`
	);
	return [
		`${model}, ${piece}: ${KEYS[key.tonic]} ${key.mode} (confidence ${key.confidence.toFixed(2)}), ${bars} bars, ${time}, ${notes.length} notes`,
		...lines
	].join('\n');
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && 'syscall' in error;
}
