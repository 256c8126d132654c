/** The figures of takes as a table in text, and what is wrong with those that have a problem. */
import type { ConsonanceFigures } from './consonance';
import { percent } from './judge';
import type { JudgedTake } from './main';

export function tableOf(
	takes: readonly JudgedTake[],
	openings: Readonly<Record<string, ConsonanceFigures>>
): string {
	const head = [
		'take',
		'bars',
		'tokens/bar',
		'on time, drums bass chords melody',
		'median ms',
		'in tune, bass chords',
		'clash (by chance)',
		'tritone',
		'in scale',
		'LUFS',
		'peak',
		''
	];
	const rows = takes.map(({ name, bars, figures, problems }) => {
		const { heard, consonance, tokensPerBar } = figures;
		const { onsets, tuning } = heard;
		const stems = [onsets.drums, onsets.bass, onsets.chords, onsets.melody];
		return [
			name,
			String(bars),
			tokensPerBar.toFixed(0),
			stems.map((stem) => (stem.heard ? (100 * stem.onGrid).toFixed(0) : '-')).join(' '),
			stems.map((stem) => (stem.heard ? stem.medianMilliseconds.toFixed(0) : '-')).join(' '),
			[tuning.bass, tuning.chords]
				.map((voice) => (voice.count ? (100 * voice.inTune).toFixed(0) : '-'))
				.join(' '),
			...consonanceCells(consonance),
			heard.loudness.toFixed(1),
			heard.peak.toFixed(2),
			problems.length ? 'FAILS' : 'ok'
		];
	});
	for (const [style, consonance] of Object.entries(openings)) {
		const cells = consonanceCells(consonance);
		rows.push([`opening: ${style}`, '', '', '', '', '', ...cells, '', '', '']);
	}
	const widths = head.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => row[column]!.length))
	);
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column]!))
			.join('  ')
			.trimEnd();
	const complaints = takes.flatMap(({ name, problems }) =>
		problems.map((problem) => `${name}: ${problem}`)
	);
	const failed = takes.filter(({ problems }) => problems.length > 0).length;
	return [
		line(head),
		...rows.map(line),
		'',
		...complaints,
		`${takes.length - failed} of ${takes.length} takes are as they should be`
	].join('\n');
}

function consonanceCells({ clash, clashByChance, tritone, inScale, together }: ConsonanceFigures) {
	if (together === 0) return ['-', '-', percent(inScale)];
	return [`${percent(clash)} (${percent(clashByChance)})`, percent(tritone), percent(inScale)];
}
