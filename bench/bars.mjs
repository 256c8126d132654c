// `npm run bench:bars`: how many bars the engines of machines without a GPU write while one bar sounds; bench/README.md
// tells how. The rest is TypeScript.
import { runTypescript } from '../scripts/typescript.mjs';

await runTypescript('bench/bars/main.ts', process.argv.slice(2));
