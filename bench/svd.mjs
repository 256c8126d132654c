// `npm run bench:svd`: singular value decompositions, ours and peers', on one machine; bench/README.md tells how. The rest is
// TypeScript.
import { runTypescript } from '../scripts/typescript.mjs';

await runTypescript('bench/svd/main.ts', process.argv.slice(2));
