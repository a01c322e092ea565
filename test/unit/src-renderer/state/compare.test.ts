import { describe, expect, it } from 'vitest';
import type { ProbeSample } from '../../../../src-main/shared/metrics/reports';
import type { ComparisonView } from '../../../../src-main/shared/views/comparison';
import { answerRows, axisOf, blindOrder, compareRows } from '../../../../src-renderer/state/compare-table';
import { comparisonHtml, escapeHtml } from '../../../../src-renderer/state/compare-html';
import { compareSentence, type CompareChartSpec } from '../../../../src-renderer/state/compare-sentences';
import { toCsv } from '../../../../src-renderer/state/csv';
import { seriesTable } from '../../../../src-renderer/state/series-table';
import { lightPalette, runStyles } from '../../../../src-renderer/theme/palette';
import { fakeApi } from '../harness/fake-api';
import { fakeNow, probes, run, runId } from '../harness/fake-data';

const comparison = async (): Promise<ComparisonView> => {
  const result = await fakeApi().request('runs:compare', { ids: [runId('r_dpo'), runId('r_live')] });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

describe('compareRows', () => {
  it('has a column a run, with the growth of answers', async () => {
    const rows = compareRows(await comparison(), fakeNow);
    expect(rows.every((row) => row.cells.length === 2)).toBe(true);
    expect(rows.find((row) => row.id === 'probes')?.cells[0]).toMatch(/^15\.0 → \d+\.\d \(\+\d+\s%\)$/);
    expect(rows.find((row) => row.id === 'time')?.cells).toEqual(['1 min 18 s', '40 s']);
  });
  it('says – where nothing was measured', async () => {
    const view = await comparison();
    const rows = compareRows({ ...view, length: { ...view.length, runs: [] } }, fakeNow);
    expect(rows.find((row) => row.id === 'probes')?.cells).toEqual(['–', '–']);
  });
});

describe('axes', () => {
  const one = run({ id: 'r' });
  it('count pairs, and time without pauses, also from downsampled steps', () => {
    expect(axisOf('pairs', one, {})(10)).toBe(80);
    const ms = (step: number, value: number): { step: number; value: number; min: number; max: number } => ({
      step,
      value,
      min: value,
      max: value,
    });
    expect(axisOf('time', one, { 'perf/step_ms': [ms(1, 500), ms(2, 500), ms(4, 1000)] })(4)).toBe(3);
    expect(axisOf('time', one, {})(4)).toBe(0);
  });
});

describe('answers', () => {
  const said = (
    step: number,
    prompt: number,
    promptText: string,
    text = promptText,
    trained?: boolean,
  ): ProbeSample => ({
    step,
    prompt,
    promptText,
    text,
    tokens: 5,
    finish: 'eos',
    ...(trained === undefined ? {} : { trained }),
  });
  it('pair the newest answer of each run with its own before training', () => {
    const rows = answerRows([probes('dpo', 40, 20, 2), probes('sampo', 20, 20, 3)]);
    expect(rows.map((row) => [row.common?.step, row.after.map((s) => s?.step ?? null)])).toEqual([
      [0, [40, 20]],
      [0, [40, 20]],
      [0, [null, 20]],
    ]);
  });
  it('stand under their own question, wherever each run asked it', () => {
    const first = [said(0, 0, 'a'), said(0, 1, 'b'), said(9, 0, 'a', 'a1'), said(9, 1, 'b', 'b1')];
    const second = [said(0, 0, 'b'), said(0, 1, 'c'), said(9, 0, 'b', 'b2'), said(9, 1, 'c', 'c2')];
    const rows = answerRows([first, second]);
    expect(rows.map((row) => [row.promptText, row.after.map((s) => s?.text ?? null), row.asked])).toEqual([
      ['b', ['b1', 'b2'], [true, true]], // shared ones first
      ['a', ['a1', null], [true, false]],
      ['c', [null, 'c2'], [false, true]],
    ]);
  });
  it('have one column before training only where all runs said the same', () => {
    const rows = answerRows([[said(0, 0, 'a', 'one')], [said(0, 0, 'a', 'two')]]);
    expect(rows[0]).toMatchObject({ common: null, before: [{ text: 'one' }, { text: 'two' }] });
    expect(answerRows([[said(0, 0, 'a', 'one')], []])[0]!.common!.text).toBe('one');
  });
  it('say whether the prompt was trained on', () => {
    const of = (...trained: readonly (boolean | undefined)[]): string | null =>
      answerRows(trained.map((one) => [said(0, 0, 'a', 'x', one)]))[0]!.trained;
    expect([of(undefined, undefined), of(true, true), of(false, false), of(true, false)]).toEqual([
      null,
      'trained on',
      'never trained on',
      'trained on by some of the runs',
    ]);
  });
  it('hide which is which: every order is a permutation, stable for a seed, not always the same', () => {
    const orders = Array.from({ length: 40 }, (_, row) => blindOrder(3, row, 7));
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2]);
    expect(blindOrder(3, 5, 7)).toEqual(blindOrder(3, 5, 7));
    expect(new Set(orders.map((order) => order[0])).size).toBe(3);
    const firsts = Array.from({ length: 400 }, (_, row) => blindOrder(2, row, 99)[0]);
    expect(firsts.filter((first) => first === 0).length).toBeGreaterThan(120);
    expect(firsts.filter((first) => first === 0).length).toBeLessThan(280);
  });
});

describe('sentences', () => {
  const chart: CompareChartSpec = { id: 'x', title: 'x', name: 'loss', yLabel: '', kind: 'number' };
  const line = (label: string, ...values: readonly number[]) => ({ label, points: values.map((y, x) => ({ x, y })) });
  it('name few runs and only the ends of many', () => {
    expect(compareSentence(chart, [line('a', 1, 2), line('b', 3)])).toBe('Last value: a 2.00, b 3.00.');
    expect(
      compareSentence(
        chart,
        ['a', 'b', 'c', 'd'].map((name, i) => line(name, i)),
      ),
    ).toBe('Last value: from 0 (a) to 3.00 (d).');
    expect(compareSentence({ ...chart, name: null }, [line('a', 10, 15)])).toBe(
      'Mean tokens, first to last: a 10.0 → 15.0.',
    );
    expect(compareSentence(chart, [line('a')])).toBeNull();
  });
});

describe('tables and files', () => {
  it('write CSV that a spreadsheet reads back', () => {
    expect(
      toCsv({
        columns: ['a', 'b,c'],
        rows: [
          [1, 'say "hi"'],
          [null, 'x\ny'],
        ],
      }),
    ).toBe('a,"b,c"\r\n1,"say ""hi"""\r\n,"x\ny"\r\n');
  });
  it('join series by step', () => {
    const point = (step: number, value: number): { step: number; value: number; min: number; max: number } => ({
      step,
      value,
      min: value,
      max: value,
    });
    expect(
      seriesTable({ loss: [point(1, 5), point(2, 6)], eval_loss: [point(2, 7)] }, ['loss', 'eval_loss', 'none']),
    ).toEqual({
      columns: ['step', 'loss', 'eval_loss'],
      rows: [
        [1, 5, null],
        [2, 6, 7],
      ],
    });
  });
  it('escape what people and models wrote', async () => {
    expect(escapeHtml('<img src=x onerror="a()">&\'')).toBe('&lt;img src=x onerror=&quot;a()&quot;&gt;&amp;&#39;');
    const view = await comparison();
    const hostile = {
      ...view,
      probes: view.probes.map((samples) =>
        samples.map((s) => ({ ...s, text: '<script>alert(1)</script>', promptText: '<b>' })),
      ),
    };
    const html = comparisonHtml(hostile, [{ title: 'Chart', caption: 'c', svg: '<svg></svg>' }], fakeNow);
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('<svg></svg>');
    const noted = comparisonHtml(
      { ...view, notes: [{ level: 'warning', text: 'Different data: a & b.' }] },
      [],
      fakeNow,
    );
    expect(noted).toContain('<div class="verdict warning">Different data: a &amp; b.</div>');
    for (const { color } of runStyles(lightPalette, view.runs)) expect(noted).toContain(`stroke="${color}"`);
  });
});
