/** What the decoder should reach, held against what was measured. */
import type { AdapterReport } from './jobs';
import type { Figures, SizeReport } from './report';

/** Our kernels against ONNX Runtime's on the same adapter. */
const WEBGPU_RATIO = 5;
/** The shipped model on WebAssembly with frames, tokens per second. */
const WASM_RATE = 100;
const FRAME_BYTES = 6 * 1024;
/** Share of the time that frames may take. */
const FRAME_COST = 0.05;
/** Tokens per second on a data-centre card, a token a submit and eight. */
const CARD_RATES = { k1: 1000, k8: 2500 };

/** A line for each aim that this run can say something about. */
export function aimsOf(sizes: readonly SizeReport[], adapter: AdapterReport | null): string[] {
	const lines: string[] = [];
	const say = (aim: string, value: string, reached: boolean): void => {
		lines.push(`${reached ? 'reached' : 'MISSED '}  ${aim}: ${value}`);
	};
	for (const report of sizes) {
		const { size } = report;
		const figures = (engine: string): Figures | null =>
			report.rows.find((row) => row.engine === engine)?.figures ?? null;
		const [k1, k8, peer] = [figures('wgsl-k1'), figures('wgsl-k8'), figures('ort-webgpu')];
		const best = Math.max(k1?.tokensPerSecond ?? 0, k8?.tokensPerSecond ?? 0);
		if (best > 0 && peer) {
			const ratio = best / peer.tokensPerSecond;
			const aim = `${size}, our WGSL ≥ ${WEBGPU_RATIO} × ONNX Runtime's WebGPU`;
			say(aim, `${ratio.toFixed(1)} ×`, ratio >= WEBGPU_RATIO);
		}
		const wasm = figures('wasm-2');
		if (size === 'shipped' && wasm) {
			const rate = wasm.tokensPerSecond;
			const aim = `${size}, our WebAssembly on two threads with frames ≥ ${WASM_RATE} tokens/s`;
			say(aim, rate.toFixed(0), rate >= WASM_RATE);
		}
		const bytes = k8?.bytesReadPerToken;
		if (bytes) {
			say(`${size}, a frame ≤ ${FRAME_BYTES} bytes`, bytes.toFixed(0), bytes <= FRAME_BYTES);
		}
		if (adapter === null || adapter.software) continue;
		const bare = figures('wgsl-k8-bare');
		if (k8 && bare) {
			const cost = 1 - k8.tokensPerSecond / bare.tokensPerSecond;
			const aim = `${size}, frames cost ≤ ${100 * FRAME_COST} %`;
			say(aim, `${(100 * cost).toFixed(1)} %`, cost <= FRAME_COST);
		}
		for (const [name, row, rate] of [
			['K=1', k1, CARD_RATES.k1],
			['K=8', k8, CARD_RATES.k8]
		] as const) {
			if (!row || size === 'gemma') continue;
			const aim = `${size}, ${name} ≥ ${rate} tokens/s on a data-centre card`;
			say(aim, row.tokensPerSecond.toFixed(0), row.tokensPerSecond >= rate);
		}
	}
	if (adapter?.software) {
		lines.push('unknown  what frames cost, and rates on a graphics card: this adapter is emulated');
	}
	return lines;
}
