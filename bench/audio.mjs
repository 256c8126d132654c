// `npm run bench:audio`: what the sound costs, and whether it ever breaks off; bench/README.md tells how. The rest is
// TypeScript.
import { runTypescript } from '../scripts/typescript.mjs';

await runTypescript('bench/audio/main.ts', process.argv.slice(2));
