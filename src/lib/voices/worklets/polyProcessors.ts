/** The voices that are built of speakers, on the audio thread. */
import { createBowedString } from './bowedString';
import { createFmBass } from './fmBass';
import { registerNoteProcessor } from './noteProcessor';
import { createOrgan } from './organ';
import { createPulseLead } from './pulseLead';

registerNoteProcessor('bowedString', createBowedString);
registerNoteProcessor('fmBass', createFmBass);
registerNoteProcessor('organ', createOrgan);
registerNoteProcessor('pulseLead', createPulseLead);
