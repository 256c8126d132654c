/** The bass track: the acid voice. Parameters: waveform, tuning, cutoff, resonance, envMod, decay, accent, drive. */
import type { Context } from './tone';
import { createWorkletVoice, type WorkletVoice } from './workletVoice';

export function createAcidBass(context: Context): WorkletVoice {
	return createWorkletVoice(context, 'acid');
}
