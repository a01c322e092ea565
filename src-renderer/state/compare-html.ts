import type { ComparisonView } from '../../src-main/shared/views';
import { answerRows, compareRows } from './compare-table';
import { configRows } from './config-rows';
import { formatDate } from './format';
import { runName } from './run-words';

export interface HtmlChart {
  readonly title: string;
  readonly caption: string;
  readonly svg: string; // made by our own charts
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c);

const style = `body{font:15px/1.55 system-ui,sans-serif;color:#1c2731;max-width:1100px;margin:32px auto;padding:0 24px}
h1{font-size:24px}h2{font-size:18px;margin-top:32px}table{border-collapse:collapse;width:100%;font-size:14px}
td,th{border-bottom:1px solid #dde2e7;padding:6px 10px;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}th{font-weight:600}
figure{margin:0 0 18px;break-inside:avoid}figcaption,.note{color:#586470;font-size:13px}.charts{columns:2;gap:24px}svg{max-width:100%;height:auto}
.verdict{border-left:4px solid #586470;background:#eceff2;padding:12px 16px;border-radius:6px}`;

/** A comparison as one self-contained page. Everything people or models wrote is escaped. */
export function comparisonHtml(view: ComparisonView, charts: readonly HtmlChart[], now: number): string {
  const names = view.runs.map((run) => escapeHtml(runName(run)));
  const head = (first: string): string => `<thead><tr><th>${first}</th>${names.map((name) => `<th>${name}</th>`).join('')}</tr></thead>`;
  const row = (first: string, cells: readonly string[]): string => `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  const answers = answerRows(view.probes, view.probePrompts).map(
    (answer) => `<h3>${escapeHtml(answer.promptText)}</h3><table><thead><tr><th>Before training (${answer.before?.tokens ?? '–'} tokens)</th>${answer.after.map((sample, i) => `<th>${names[i] ?? ''} (${sample?.tokens ?? '–'} tokens)</th>`).join('')}</tr></thead><tbody><tr>${[answer.before, ...answer.after].map((sample) => `<td>${escapeHtml(sample?.text ?? '–')}</td>`).join('')}</tr></tbody></table>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>SamPO Studio: comparison</title><style>${style}</style></head><body>
<h1>Comparison: ${names.join(', ')}</h1><p class="note">Made by SamPO Studio on ${escapeHtml(formatDate(now))}.</p>
<div class="verdict"><b>${escapeHtml(view.length.verdict.text)}</b><br><span class="note">Basis: ${escapeHtml(view.length.verdict.basis)}.</span></div>
<h2>Numbers</h2><table>${head('')}<tbody>${compareRows(view, now).map((r) => row(r.label, r.cells)).join('')}</tbody></table>
<h2>Charts</h2><div class="charts">${charts.map((chart) => `<figure><b>${escapeHtml(chart.title)}</b>${chart.svg}<figcaption>${escapeHtml(chart.caption)}</figcaption></figure>`).join('')}</div>
<h2>What differs</h2><table>${head('Setting')}<tbody>${configRows(view.runs.map((run) => run.spec)).filter((d) => d.isDifferent).map((d) => row(d.label, d.values)).join('')}</tbody></table>
<h2>Answers</h2>${answers.join('')}
</body></html>`;
}
