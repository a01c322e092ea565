import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const percent = (part, whole) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);

/**
 * report.json and report.md: how many were killed by area, and every survivor by file. Returns the figures in words.
 */
export function writeReport(out, results, { seed, sample, all, areas }) {
  const killed = (list) => list.filter(({ status }) => status === 'killed').length;
  const byArea = areas.map((area) => [area, results.filter(({ file }) => file.startsWith(area))]);
  const lines = byArea.map(
    ([area, list]) => `| ${area} | ${list.length} | ${killed(list)} | ${percent(killed(list), list.length)} |`,
  );
  const survivors = results
    .filter(({ status }) => status === 'survived')
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  const files = [...new Set(survivors.map(({ file }) => file))];
  const markdown = [
    '# Mutation run',
    '',
    `${results.length} of ${sample} drawn mutants tried (seed ${seed}, ${all} in all): ${killed(results)} killed, ` +
      `${percent(killed(results), results.length)}.`,
    '',
    '| area | tried | killed | share |',
    '|---|---|---|---|',
    ...lines,
    '',
    '## Survivors',
    '',
    ...files.flatMap((file) => [
      `### ${file}`,
      '',
      ...survivors
        .filter((s) => s.file === file)
        .map((s) => `- ${s.line}:${s.column} ${s.kind}: \`${s.was}\` → \`${s.becomes || 'nothing'}\` (${s.why})`),
      '',
    ]),
  ].join('\n');
  writeFileSync(join(out, 'report.md'), `${markdown}\n`);
  writeFileSync(
    join(out, 'report.json'),
    JSON.stringify({ seed, sample, all, tried: results.length, killed: killed(results), survivors, results }, null, 1),
  );
  return [
    `${killed(results)} of ${results.length} killed: ${percent(killed(results), results.length)}`,
    ...byArea.map(
      ([area, list]) => `  ${area}: ${killed(list)} of ${list.length}, ${percent(killed(list), list.length)}`,
    ),
    `Survivors: ${join(out, 'report.md')}`,
  ].join('\n');
}
