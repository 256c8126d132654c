// `npm run takes`: writes the demo takes with the shipped model, renders them, listens to them by measurement, and keeps
// MIDI files and figures in takes/; takes/README.md tells how. The rest is TypeScript.
import { runTypescript } from './typescript.mjs';

await runTypescript('takes/main.ts', process.argv.slice(2));
