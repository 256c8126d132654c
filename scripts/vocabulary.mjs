// Writes training/vocabulary.json from src/lib/music: the one definition of the language is TypeScript, training reads this copy.
import { writeFileSync } from 'node:fs';
import { runnerImport } from 'vite';

const { module } = await runnerImport('./src/lib/music/vocabularyFile.ts');
writeFileSync('training/vocabulary.json', module.vocabularyFile());
console.log('training/vocabulary.json written.');
