/** The page of the bars benchmark: writes bars as the instrument does, frames and recordings included, on one engine. */
import { BarWriter } from '../../src/lib/generate/barWriter';
import { openingOf } from '../../src/lib/generate/openings';
import type { GenerationControls } from '../../src/lib/generate/protocol';
import { controlsOf } from '../../src/lib/instrument/controlsOf';
import { ParameterValues } from '../../src/lib/controls/parameterValues';
import { VOICE_TRACKS } from '../../src/lib/controls/parameters';
import type { DecoderModel } from '../../src/lib/model/decoder';
import { loadModel, parameterCount, type LoadedModel } from '../../src/lib/model/loadModel';
import { createOnnxModel } from '../../src/lib/model/onnx/onnxModel';
import { createReferenceModel } from '../../src/lib/model/reference/referenceModel';
import { urlFolder } from '../../src/lib/model/sources/urlFolder';
import { STYLES } from '../../src/lib/music/vocabulary';
import { randomModel } from '../decode/sizes';
import type { BarsAnswer, BarsEngine, BarsRequest, EngineAnswer, EngineRequest } from './request';

/** What main calls. */
export interface BarsPage {
	/** Starts the engine, and has it read until its window is full. */
	prepare(request: EngineRequest): Promise<EngineAnswer>;
	/** Writes on. */
	write(request: BarsRequest): Promise<BarsAnswer>;
}

const MODEL = new URL('/measured-model', location.href).href;

const TEMPO = 128;
const SET_STYLES = ['house', 'acid', 'techno', 'electro', 'breaks'] as const;
const BARS_OF_STYLE = 4;

/** The middle of the eight levels, by which half of the corpus's sounding bars have more notes and half fewer. */
const DENSITY = 4;

let writer: BarWriter | null = null;

const page: BarsPage = {
	async prepare({ engine, random }) {
		const model = random ? await randomOfShape() : await shipped();
		const made = await engineOf(engine, model);
		writer = new BarWriter(await made.createDecoder());
		const { tokens } = openingOf(SET_STYLES[0]);
		const { window } = made.config;
		const filling = Array.from({ length: Math.ceil(window / tokens.length) }, () => tokens);
		await writer.begin(filling.flat(), async () => true);
		return { device: made.capabilities.device, parameters: model.parameters, window };
	},
	async write({ bars, budgetSeconds }) {
		if (!writer) throw new Error('Bars were asked for before there was an engine.');
		const began = performance.now();
		const deadline = began + budgetSeconds * 1000;
		const tokens: number[] = [];
		while (tokens.length < bars && (tokens.length === 0 || performance.now() < deadline)) {
			if (tokens.length % BARS_OF_STYLE === 0) await writer.rewind(writer.written);
			const bar = await writer.writeBar(controlsOfBar(tokens.length), async () => true);
			tokens.push(bar!.tokens.length);
		}
		return { tokens, milliseconds: performance.now() - began };
	}
};
Object.assign(window, { barsPage: page });

/** The page's own defaults, with four tracks at 128 BPM. */
function controlsOfBar(bar: number): GenerationControls {
	const values = new ParameterValues();
	const style = SET_STYLES[Math.floor(bar / BARS_OF_STYLE) % SET_STYLES.length]!;
	values.set('model.style', STYLES.indexOf(style));
	values.set('transport.tempo', TEMPO);
	for (const track of VOICE_TRACKS) {
		values.set(`${track}.density`, 1 + (track === 'arp' ? 0 : DENSITY));
	}
	return controlsOf(values);
}

type Measured = Pick<LoadedModel, 'config' | 'weights'> & { readonly parameters: number };

async function shipped(): Promise<Measured> {
	const folder = urlFolder(MODEL, {
		fetch: (input, init) => fetch(input, init),
		cache: null,
		signal: new AbortController().signal,
		onProgress: () => undefined,
		onNotice: () => undefined
	});
	const model = await loadModel(folder);
	return { ...model, parameters: parameterCount(model) };
}

async function randomOfShape(): Promise<Measured> {
	const response = await fetch(`${MODEL}/config.json`);
	return randomModel('shape', (await response.json()) as Record<string, unknown>);
}

function engineOf(engine: BarsEngine, model: Measured): Promise<DecoderModel> {
	switch (engine) {
		case 'wasm':
			return createOnnxModel(model);
		case 'wasm-1':
			return createOnnxModel(model, { threads: 1 });
		case 'wasm-2':
			return createOnnxModel(model, { threads: 2 });
		case 'typescript':
			return createReferenceModel(model, { precision: 'f32' });
	}
}
