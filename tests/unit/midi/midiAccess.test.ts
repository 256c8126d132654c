import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MidiAccess } from '../../../src/lib/midi/midiAccess';
import type { MidiSurroundings } from '../../../src/lib/midi/midiProblem';
import {
	installMidiLoopback,
	type LoopbackPort,
	type MidiLoopbackOptions
} from '../../fixtures/midiLoopback';

const SYNTH: LoopbackPort = {
	id: 'synth',
	name: 'Synth',
	manufacturer: 'Maker',
	type: 'output'
};
const DRUM: LoopbackPort = { id: 'drum', name: 'Drum', manufacturer: 'Maker', type: 'output' };
const CHROME: MidiSurroundings = { supported: true, secure: true, userAgent: 'Chrome/144.0' };

/** Storage of a browser profile: it outlives an access. */
function memory() {
	const values = new Map<string, string>();
	return {
		getItem: (key: string) => values.get(key) ?? null,
		setItem: (key: string, value: string) => void values.set(key, value),
		removeItem: (key: string) => void values.delete(key)
	};
}

const open: MidiAccess[] = [];
let storage = memory();

function setUp(options: MidiLoopbackOptions = {}, surroundings = CHROME) {
	const loopback = installMidiLoopback({ ports: [SYNTH, DRUM], ...options });
	const onChange = vi.fn();
	const access = new MidiAccess({ surroundings, storage, onChange });
	open.push(access);
	return { loopback, access, onChange };
}

beforeEach(() => {
	// WebMidi.js looks for a window to tell a browser from Node, where it would load another library.
	vi.stubGlobal('window', globalThis);
	storage = memory();
});

afterEach(async () => {
	for (const access of open.splice(0)) await access.dispose();
	vi.unstubAllGlobals();
});

describe('asking for MIDI', () => {
	it('asks nothing of the browser until it is told to', () => {
		const { loopback, access } = setUp();
		expect(access.state).toEqual({ phase: 'unasked', outputs: [], output: null });
		expect(loopback.requests).toEqual([]);
	});

	it('is asking while the browser thinks, then granted with the list of outputs, none chosen', async () => {
		const { access } = setUp();
		const asked = access.request();
		expect(access.state.phase).toBe('asking');
		await asked;
		expect(access.state).toEqual({
			phase: 'granted',
			outputs: [
				{ id: 'synth', name: 'Synth', connected: true },
				{ id: 'drum', name: 'Drum', connected: true }
			],
			output: null
		});
		expect(access.problem).toBeNull();
	});

	it('never asks for system-exclusive messages, and asks once however often it is told to', async () => {
		const { loopback, access } = setUp();
		await Promise.all([access.request(), access.request()]);
		await access.request();
		expect(loopback.requests.map(({ sysex }) => sysex)).toEqual([false]);
	});

	it('says what a refusal means and what to do, and can be asked again', async () => {
		const { loopback, access } = setUp({ deny: true });
		await access.request();
		expect(access.state.phase).toBe('denied');
		expect(access.problem).toMatch(/did not allow MIDI.*plays on.*site settings.*ask again/);
		loopback.deny = false;
		await access.request();
		expect(access.state.phase).toBe('granted');
		expect(access.problem).toBeNull();
	});

	it('tells people in Firefox to connect a device first, since it refuses without one', async () => {
		const { access } = setUp(
			{ deny: true },
			{ ...CHROME, userAgent: 'Gecko/20100101 Firefox/146.0' }
		);
		await access.request();
		expect(access.problem).toMatch(/no MIDI device is connected.*Connect and switch on the device/);
	});

	it('says which browser to take where there is no Web MIDI, without calling it', async () => {
		const { loopback, access } = setUp({}, { ...CHROME, supported: false });
		expect(access.state.phase).toBe('unsupported');
		await access.request();
		expect(loopback.requests).toEqual([]);
		expect(access.problem).toMatch(/no Web MIDI.*Chrome, Edge or Firefox/);
	});

	it('says that the page must be loaded securely where that is the reason', async () => {
		const { access } = setUp({}, { ...CHROME, supported: false, secure: false });
		await access.request();
		expect(access.problem).toMatch(/https or on localhost/);
	});

	it('can be asked again after the MIDI system failed', async () => {
		const { access } = setUp({ fail: 'InvalidStateError' });
		await access.request();
		expect(access.state.phase).toBe('unasked');
		expect(access.problem).toMatch(/did not answer.*Close other programs/);
	});

	it('offers the other ports when another program holds one of them', async () => {
		const { access } = setUp({ ports: [{ ...SYNTH, busy: true }, DRUM] });
		await access.request();
		expect(access.state.phase).toBe('granted');
		access.choose('drum');
		expect(access.output?.id).toBe('drum');
	});

	it('is granted with an empty list when nothing is plugged in', async () => {
		const { access } = setUp({ ports: [] });
		await access.request();
		expect(access.state).toEqual({ phase: 'granted', outputs: [], output: null });
	});
});

describe('the list of outputs', () => {
	it('shows a device that is plugged in later', async () => {
		const { loopback, access, onChange } = setUp({ ports: [] });
		await access.request();
		onChange.mockClear();
		loopback.connect(SYNTH);
		expect(access.state.outputs).toEqual([{ id: 'synth', name: 'Synth', connected: true }]);
		expect(onChange).toHaveBeenCalled();
	});

	it('drops a device that is pulled out and not chosen', async () => {
		const { loopback, access } = setUp();
		await access.request();
		loopback.disconnect('synth');
		expect(access.state.outputs.map(({ id }) => id)).toEqual(['drum']);
		expect(access.problem).toBeNull();
	});

	it('keeps the chosen device in the list when it is pulled out, says so, and takes it up again', async () => {
		const { loopback, access } = setUp();
		await access.request();
		access.choose('synth');
		loopback.disconnect('synth');
		expect(access.output).toBeNull();
		expect(access.state.output).toBe('synth');
		expect(access.state.outputs).toContainEqual({ id: 'synth', name: 'Synth', connected: false });
		expect(access.problem).toMatch(/Synth was disconnected.*Connect it again/);
		loopback.connect(SYNTH);
		expect(access.output?.name).toBe('Synth');
		expect(access.problem).toBeNull();
	});

	it('recognises the chosen device when it comes back under another id', async () => {
		const { loopback, access } = setUp();
		await access.request();
		access.choose('synth');
		loopback.disconnect('synth');
		loopback.connect({ ...SYNTH, id: 'synth-2' });
		expect(access.state.output).toBe('synth-2');
		expect(access.output?.id).toBe('synth-2');
	});
});

describe('the chosen output', () => {
	it('is refused when there is no such output', async () => {
		const { access } = setUp();
		await access.request();
		expect(() => access.choose('nothing')).toThrow(RangeError);
	});

	it('is remembered by name and maker into the next session, where ids differ', async () => {
		const first = setUp();
		await first.access.request();
		first.access.choose('drum');
		await first.access.dispose();

		const ports = [SYNTH, { ...DRUM, manufacturer: 'Other', id: 'a' }, { ...DRUM, id: 'b' }];
		const second = setUp({ ports });
		await second.access.request();
		expect(second.access.state.output).toBe('b');
	});

	it('is chosen when the remembered device is plugged in after the request', async () => {
		const first = setUp();
		await first.access.request();
		first.access.choose('drum');
		await first.access.dispose();

		const second = setUp({ ports: [] });
		await second.access.request();
		expect(second.access.output).toBeNull();
		second.loopback.connect({ ...DRUM, id: 'late' });
		expect(second.access.output?.id).toBe('late');
	});

	it('is forgotten when none is chosen', async () => {
		const first = setUp();
		await first.access.request();
		first.access.choose('drum');
		first.access.choose(null);
		expect(first.access.output).toBeNull();
		await first.access.dispose();

		const second = setUp();
		await second.access.request();
		expect(second.access.state.output).toBeNull();
	});

	it('stays chosen for this session when it cannot be remembered', async () => {
		const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
		storage.setItem = () => {
			throw new DOMException('The storage is full.', 'QuotaExceededError');
		};
		const { access } = setUp();
		await access.request();
		access.choose('drum');
		expect(access.output?.id).toBe('drum');
		expect(warn).toHaveBeenCalledOnce();
		warn.mockRestore();
	});
});
