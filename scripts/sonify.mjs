// `npm run sonify -- <model> --piece house --out house.mid`: makes a piece of music of a model's weights and writes it as a
// MIDI file. The rest is TypeScript.
import { runTypescript } from './typescript.mjs';

await runTypescript('scripts/sonify/main.ts', process.argv.slice(2));
