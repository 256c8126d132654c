/** The command line: what it writes, what it says, and how it ends. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import MidiPackage from '@tonejs/midi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sonify, USAGE } from '../../../scripts/sonify/main';
import { PIECES } from '../../../src/lib/sonify/score';
import { FIXTURE_FOLDER } from '../model/fixtures';
import { fileOf } from '../model/randomModel';

const GPT2 = `${FIXTURE_FOLDER}/gpt2`;

let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sonify-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs it, and gives all that it said. */
async function run(...argv: string[]): Promise<{ code: number; said: string; noted: string }> {
	const said: string[] = [];
	const noted: string[] = [];
	const code = await sonify(argv, {
		say: (text) => said.push(text),
		note: (text) => noted.push(text)
	});
	return { code, said: said.join('\n'), noted: noted.join('\n') };
}

async function written(file: string) {
	return new MidiPackage.Midi(await readFile(file));
}

describe('a piece from the command line', () => {
	const TEMPI = { acid: 138, house: 128, opera: 66, dna: 66 };

	it.each(PIECES)('%s is a MIDI file with parts, channels, tempo and sections', async (piece) => {
		const out = join(folder, `${piece}.mid`);
		const { code, said } = await run(GPT2, '--piece', piece, '--out', out);
		expect(code).toBe(0);
		expect(said).toMatch(/^gpt2, \w+: [A-G]b? (major|minor) \(confidence \d\.\d\d\)/);
		expect(said).toContain(`Written to ${out}`);
		const midi = await written(out);
		expect(midi.name).toBe(`${piece}: gpt2`);
		expect(midi.header.tempos[0]!.bpm).toBeCloseTo(TEMPI[piece], 1);
		expect(midi.header.meta.filter(({ type }) => type === 'marker').length).toBeGreaterThan(3);
		const channels = midi.tracks.map(({ channel }) => channel);
		expect(new Set(channels).size).toBe(channels.length);
		for (const { name, channel, notes, instrument } of midi.tracks) {
			expect(notes.length).toBeGreaterThan(0);
			expect(channel === 9).toBe(/Drums|Percussion/.test(name));
			expect(instrument.percussion).toBe(channel === 9);
		}
		const programs = midi.tracks.map(({ instrument }) => instrument.name);
		if (piece === 'opera') {
			expect(programs).toEqual(
				expect.arrayContaining([
					'oboe',
					'orchestral harp',
					'violin',
					'viola',
					'cello',
					'contrabass'
				])
			);
		}
	});

	it('has the same notes again, and others of another model', async () => {
		const files = [join(folder, 'one.mid'), join(folder, 'two.mid'), join(folder, 'other.mid')];
		const sources = [GPT2, GPT2, `${FIXTURE_FOLDER}/gemma3`];
		for (const [i, file] of files.entries()) {
			expect((await run(sources[i]!, '--piece', 'house', '--out', file, '--quiet')).code).toBe(0);
		}
		const [one, two, other] = await Promise.all(files.map((file) => readFile(file)));
		expect(one!.equals(two!)).toBe(true);
		expect(one!.equals(other!)).toBe(false);
	});

	it('of a single file without its config.json is that of its folder', async () => {
		const file = join(folder, 'gpt2.safetensors');
		await copyFile(`${GPT2}/model.safetensors`, file);
		const outs = [join(folder, 'folder.mid'), join(folder, 'file.mid')];
		await run(GPT2, '--piece', 'acid', '--out', outs[0]!);
		await run(file, '--piece', 'acid', '--out', outs[1]!);
		const [fromFolder, fromFile] = await Promise.all(outs.map((out) => readFile(out)));
		expect(fromFile!.equals(fromFolder!)).toBe(true);
	});

	it('of several files with an index is one too', async () => {
		const out = join(folder, 'sharded.mid');
		const { code } = await run(`${FIXTURE_FOLDER}/llama-sharded`, '--piece', 'dna', '--out', out);
		expect(code).toBe(0);
		expect((await written(out)).tracks.length).toBe(5);
	});

	it('tells how far it is, unless it is asked to be quiet', async () => {
		const loud = await run(GPT2, '--piece', 'dna', '--out', join(folder, 'a.mid'));
		expect(loud.noted).toMatch(/100 %: 19 of 19, transformer\.ln_f\.weight/);
		const quiet = await run(GPT2, '--piece', 'dna', '--out', join(folder, 'a.mid'), '--quiet');
		expect(quiet.noted).toBe('');
	});

	it('is made by a program that ends with the code of what happened', async () => {
		const script = fileURLToPath(new URL('../../../scripts/sonify.mjs', import.meta.url));
		const start = promisify(execFile)('node', [script, GPT2, '--piece', 'waltz']);
		await expect(start).rejects.toMatchObject({
			code: 2,
			stderr: expect.stringContaining('There is no piece "waltz"') as unknown
		});
	});
});

describe('what goes wrong is said in words', () => {
	const out = (): string => join(folder, 'never.mid');

	it('help is no error', async () => {
		expect(await run('--help')).toEqual({ code: 0, said: USAGE, noted: '' });
	});

	it.each([
		[[], /No model was given/],
		[[GPT2], /No piece was given\. The pieces are acid, house, opera, dna/],
		[[GPT2, '--piece', 'waltz'], /There is no piece "waltz"/],
		[[GPT2, '--piece', 'acid'], /No file to write was given/],
		[[GPT2, GPT2, '--piece', 'acid'], /One model at a time/],
		[[GPT2, '--pice', 'acid'], /--pice/]
	])('%j ends with 2 and the usage', async (argv, message) => {
		const { code, noted } = await run(...argv);
		expect(code).toBe(2);
		expect(noted).toMatch(message);
		expect(noted).toContain(USAGE);
	});

	it('a model that is not there', async () => {
		const { code, noted } = await run('/no/model', '--piece', 'acid', '--out', out());
		expect(code).toBe(1);
		expect(noted).toBe(
			'There is no file or folder /no/model. Give the folder of a model, with model.safetensors in it, or a .safetensors file.'
		);
	});

	it('a folder without weights', async () => {
		const { code, noted } = await run(folder, '--piece', 'acid', '--out', out());
		expect(code).toBe(1);
		expect(noted).toMatch(/has neither model\.safetensors nor model\.safetensors\.index\.json/);
	});

	it('a file that is no safetensors file', async () => {
		const file = join(folder, 'song.safetensors');
		await writeFile(file, 'This is a text and no model, and long enough to hold a header.');
		const { code, noted } = await run(file, '--piece', 'acid', '--out', out());
		expect(code).toBe(1);
		expect(noted).toMatch(/song\.safetensors.*no safetensors file/);
	});

	it('a file without layers that are known', async () => {
		const file = join(folder, 'vision.safetensors');
		const header = { 'conv.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] } };
		await writeFile(file, Buffer.from(fileOf(JSON.stringify(header), new Uint8Array(4))));
		const { code, noted } = await run(file, '--piece', 'acid', '--out', out());
		expect(code).toBe(1);
		expect(noted).toMatch(/No layers were found in .*vision\.safetensors.*"conv\.weight".*GPT-2/);
	});

	it('a folder to write to that is not there, before anything is measured', async () => {
		const { code, noted } = await run(GPT2, '--piece', 'acid', '--out', '/no/folder/a.mid');
		expect(code).toBe(1);
		expect(noted).toBe(
			'There is no folder /no/folder to write a.mid to. Make it, or choose another place with --out.'
		);
		expect((await run(GPT2, '--piece', 'acid', '--out', folder)).noted).toMatch(/is a folder/);
	});
});
