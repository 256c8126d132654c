/** What this browser can do for the instrument, in words, before anything is loaded. Pure: the page hands in what it found. */

export interface Found {
	audioWorklet: boolean;
	webgpu: boolean;
	midi: boolean;
}

export interface Capability {
	name: string;
	there: boolean;
	words: string;
}

export function capabilities(found: Found): Capability[] {
	return [
		{
			name: 'sound',
			there: found.audioWorklet,
			words: found.audioWorklet ? 'Sound' : 'No audio worklets here: the instrument stays silent'
		},
		{
			name: 'webgpu',
			there: found.webgpu,
			words: found.webgpu ? 'WebGPU' : 'No WebGPU: the model runs on the CPU'
		},
		{
			name: 'midi',
			there: found.midi,
			words: found.midi ? 'MIDI' : 'No MIDI in this browser'
		}
	];
}
