// `npm run golden`: keeps the sounds of the voices as they are now, for tests/audio/golden.test.ts to compare with. Only after
// listening: what is kept here is what the tests hold the voices to.
import { ensureChromium } from './chromium.mjs';
import { ensureInstalled, run } from './install.mjs';

ensureInstalled();
ensureChromium();
process.env.VITE_KEEP_GOLDEN = '1';
run('npx', ['vitest', 'run', '--project', 'audio', 'tests/audio/golden.test.ts'], {
	failure: 'The golden sounds were not kept.'
});
run('npx', ['prettier', '--write', 'tests/audio/golden.json'], {
	failure: 'The golden sounds could not be formatted.'
});
