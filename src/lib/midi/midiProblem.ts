/** Why there is no MIDI, in sentences for the person at the instrument: what happened, what it means, what to do. */

/** What is known of the browser when MIDI fails. */
export interface MidiSurroundings {
	/** `requestMIDIAccess` exists */
	supported: boolean;
	/** `isSecureContext` */
	secure: boolean;
	userAgent: string;
}

export const MUSIC_GOES_ON = 'The instrument plays on through the loudspeakers.';

/** The sentence for a browser that has no MIDI. */
export function unsupportedMessage({ secure }: MidiSurroundings): string {
	return secure
		? `This browser has no Web MIDI, so no hardware can be reached. ${MUSIC_GOES_ON} To play a synthesizer, open this page in Chrome, Edge or Firefox on a computer.`
		: `Browsers offer MIDI only to pages that were loaded securely, and this one was not. ${MUSIC_GOES_ON} To play a synthesizer, open the page over https or on localhost.`;
}

/** The sentence for a request that was turned down. */
export function deniedMessage({ userAgent }: MidiSurroundings): string {
	if (/\bFirefox\//.test(userAgent)) {
		return `Firefox did not allow MIDI. It also refuses without asking while no MIDI device is connected. ${MUSIC_GOES_ON} Connect and switch on the device, then ask again; if Firefox asks, choose Allow.`;
	}
	return `The browser did not allow MIDI, so no hardware can be reached. ${MUSIC_GOES_ON} Allow MIDI devices in the site settings, beside the address, then ask again.`;
}

/** The sentence for a MIDI system that did not answer. */
export function failedMessage(reason: string): string {
	return `The MIDI system of this computer did not answer (${reason}). ${MUSIC_GOES_ON} Close other programs that use the device, then ask again.`;
}

/** The sentence for a chosen output that went away. */
export function unpluggedMessage(name: string): string {
	return `${name} was disconnected, so it no longer plays. ${MUSIC_GOES_ON} Connect it again and it joins in by itself, or choose another output.`;
}
