import type { ProbeSample } from '../../src-main/shared/metrics/reports';
import type { ComparisonNote, ComparisonView } from '../../src-main/shared/views/comparison';
import { lightPalette, runStyles, type RunStyle } from '../theme/palette';
import { answerRows, compareRows, type AnswerRow } from './compare-table';
import { comparedRows } from './config-rows';
import { formatDate, formatTokens } from './format';
import { runName } from './run-words';

export interface HtmlChart {
  readonly title: string;
  readonly caption: string;
  readonly svg: string; // made by our own charts
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c);

const style = `body{font:15px/1.55 system-ui,sans-serif;color:#1c2731;max-width:1100px;margin:32px auto;padding:0 24px}
h1{font-size:24px}h2{font-size:18px;margin-top:32px}table{border-collapse:collapse;width:100%;font-size:14px}
td,th{border-bottom:1px solid #dde2e7;padding:6px 10px;text-align:left;vertical-align:top}
td,th{white-space:pre-wrap;overflow-wrap:anywhere}th{font-weight:600}
figure{margin:0 0 18px;break-inside:avoid}figcaption,.note{color:#586470;font-size:13px}
.charts{columns:2;gap:24px}svg{max-width:100%;height:auto}.mark{margin-right:7px;vertical-align:middle}
.verdict{border-left:4px solid #586470;background:#eceff2;padding:12px 16px;border-radius:6px;margin-bottom:12px}
.verdict.warning{border-color:#7a5300;background:#fcf0d6}.verdict.good{border-color:#00694d;background:#e2f3ed}`;

/** The run's line as the charts draw it, before its name. */
const mark = ({ color, dash }: RunStyle): string =>
  '<svg class="mark" width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4" ' +
  `stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/></svg>`;

const tokensOf = (sample: ProbeSample | null): string =>
  sample === null ? '' : ` (${formatTokens(sample.tokens)}${sample.finish === 'length' ? ', cut at the limit' : ''})`;

/** A comparison as one self-contained page in the light theme. Everything people or models wrote is escaped. */
export function comparisonHtml(view: ComparisonView, charts: readonly HtmlChart[], now: number): string {
  const styles = runStyles(lightPalette, view.runs);
  const names = view.runs.map((run) => escapeHtml(runName(run)));
  const marked = names.map((name, i) => `${styles[i] === undefined ? '' : mark(styles[i])}${name}`);
  const head = (first: string): string =>
    `<thead><tr><th>${first}</th>${marked.map((name) => `<th>${name}</th>`).join('')}</tr></thead>`;
  const row = (first: string, cells: readonly string[]): string =>
    `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  const note = ({ level, text }: ComparisonNote): string => `<div class="verdict ${level}">${escapeHtml(text)}</div>`;
  const answerTable = ({ promptText, common, before, after, asked, trained }: AnswerRow): string => {
    const cell = (title: string, sample: ProbeSample | null, missing: string): readonly [string, string] => [
      `<th>${title}${tokensOf(sample)}</th>`,
      `<td>${sample === null ? `<i>${missing}</i>` : escapeHtml(sample.text)}</td>`,
    ];
    const own = after.map((sample, i) =>
      cell(marked[i] ?? '', sample, asked[i] === true ? 'not answered yet' : 'not among this run’s prompts'),
    );
    const first =
      common !== null
        ? [cell('Before training', common, '')]
        : before.flatMap((sample, i) =>
            sample === null ? [] : [cell(`${marked[i] ?? ''}, before training`, sample, '')],
          );
    const cells = [...first, ...own];
    const [heads, texts] = [cells.map(([th]) => th).join(''), cells.map(([, td]) => td).join('')];
    return (
      `<h3>${escapeHtml(promptText)}</h3>${trained === null ? '' : `<p class="note">${escapeHtml(trained)}</p>`}` +
      `<table><thead><tr>${heads}</tr></thead><tbody><tr>${texts}</tr></tbody></table>`
    );
  };
  const verdicts = view.length.runs.map(({ verdicts: own }, i) =>
    row(runName(view.runs[i]!), [own.map((verdict) => verdict.text).join('\n') || 'nothing measured yet']),
  );
  const numbers = compareRows(view, now).map((r) => row(r.label, r.cells));
  const figures = charts.map(
    ({ title, svg, caption }) =>
      `<figure><b>${escapeHtml(title)}</b>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`,
  );
  const differences = comparedRows(view)
    .filter((d) => d.isDifferent)
    .map((d) => row(d.label, d.values));
  const { level, text, basis } = view.length.verdict;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>SamPO Studio: comparison</title><style>${style}</style></head><body>
<h1>Comparison: ${names.join(', ')}</h1><p class="note">Made by SamPO Studio on ${escapeHtml(formatDate(now))}.</p>
${view.notes.map(note).join('\n')}
<div class="verdict ${level}"><b>${escapeHtml(text)}</b><br>
<span class="note">Basis: ${escapeHtml(basis)}.</span></div>
<h2>Numbers</h2><table>${head('')}<tbody>${numbers.join('')}</tbody></table>
<h2>Length, run by run</h2><table><tbody>${verdicts.join('')}</tbody></table>
<h2>Charts</h2><div class="charts">${figures.join('')}</div>
<h2>What differs</h2><table>${head('Setting')}<tbody>${differences.join('')}</tbody></table>
<h2>Answers</h2>${answerRows(view.probes).map(answerTable).join('')}
</body></html>`;
}
