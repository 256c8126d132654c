import { beforeEach, describe, expect, it, vi } from 'vitest';
import { installMidiLoopback, type MidiLoopback } from '../../fixtures/midiLoopback';

let loopback: MidiLoopback;

async function output(options: MIDIOptions = {}) {
	const access = await navigator.requestMIDIAccess(options);
	return { access, port: [...access.outputs.values()][0]! };
}

beforeEach(() => {
	loopback = installMidiLoopback();
});

describe('the MIDI loopback behaves as the specification says', () => {
	it('needs nothing from outside its function, so that a page can be given its text', async () => {
		const install = new Function(`return (${installMidiLoopback.toString()})`)() as (
			options: object
		) => MidiLoopback;
		const other = install({ deny: true });
		await expect(navigator.requestMIDIAccess()).rejects.toThrow('Permission was denied.');
		expect(other.requests).toHaveLength(1);
	});

	it('records each complete message with its timestamp, 0 for at once', async () => {
		const { port } = await output();
		port.send([0x90, 60, 100], 1234.5);
		port.send(Uint8Array.of(0x80, 60, 0, 0xc0, 5));
		expect(loopback.messages.map(({ data, timestamp }) => [data, timestamp])).toEqual([
			[[0x90, 60, 100], 1234.5],
			[[0x80, 60, 0], 0],
			[[0xc0, 5], 0]
		]);
	});

	it.each([
		['nothing', []],
		['running status', [60, 100]],
		['a message cut short', [0x90, 60]],
		['data bytes above 127', [0x90, 60, 200]],
		['a status that is none', [0xf4]]
	])('refuses %s with a TypeError', async (_, data) => {
		const { port } = await output();
		expect(() => port.send(data)).toThrow(TypeError);
	});

	it('refuses a timestamp that is not finite', async () => {
		const { port } = await output();
		expect(() => port.send([0xf8], NaN)).toThrow(TypeError);
	});

	it('refuses system-exclusive messages unless they were asked for', async () => {
		const { port } = await output();
		expect(() => port.send([0xf0, 1, 0xf7])).toThrow(/not granted/);
		const { port: allowed } = await output({ sysex: true });
		allowed.send([0xf0, 1, 0xf7]);
		expect(loopback.messages.at(-1)!.data).toEqual([0xf0, 1, 0xf7]);
	});

	it('opens a port when it is sent to, tells of it, and lets it wait while it is unplugged', async () => {
		const { access, port } = await output();
		const heard = vi.fn();
		access.onstatechange = heard;
		expect(port.connection).toBe('closed');
		port.send([0xf8]);
		expect([port.state, port.connection]).toEqual(['connected', 'open']);
		loopback.disconnect(port.id);
		expect([port.state, port.connection]).toEqual(['disconnected', 'pending']);
		expect(access.outputs.size).toBe(0);
		expect(() => port.send([0xf8])).toThrow(/disconnected/);
		loopback.connect({ id: port.id, name: '', manufacturer: '', type: 'output' });
		expect([port.state, port.connection]).toEqual(['connected', 'open']);
		await port.close();
		expect(port.connection).toBe('closed');
		expect(heard).toHaveBeenCalledTimes(4);
	});
});
