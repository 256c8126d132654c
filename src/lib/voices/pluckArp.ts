/** The arp track: plucked strings. Parameters: brightness, decay. */
import type { Context } from './tone';
import { createWorkletVoice, type WorkletVoice } from './workletVoice';

export function createPluckArp(context: Context): WorkletVoice {
	return createWorkletVoice(context, 'pluck');
}
