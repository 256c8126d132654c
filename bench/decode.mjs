// `npm run bench:decode`: decoding speed of our engines and of peers, on one machine with the same weights; bench/README.md
// tells how. The rest is TypeScript. With --job, this is a process that does one piece of it.
import { runTypescript } from '../scripts/typescript.mjs';

const isJob = process.argv[2] === '--job';
await runTypescript(
	`bench/decode/${isJob ? 'nodeJob.ts' : 'main.ts'}`,
	process.argv.slice(isJob ? 3 : 2)
);
