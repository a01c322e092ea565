import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { logprobs } from '../../../src-main/engine/jobs/logprobs';
import type { PairLogprobs } from '../../../src-main/shared/ipc/engine-events';

// Rows in shapes that people have, through reading, template, tokenizer and model, against transformers (make.py).

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly row: object;
    readonly lengths: readonly number[];
    readonly sums: readonly number[];
  }[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const folder = mkdtempSync(join(tmpdir(), 'sampo-shapes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

it.each(cases)('$name', async ({ row, lengths, sums }) => {
  const path = join(folder, 'row.jsonl');
  writeFileSync(path, JSON.stringify(row));
  const input = {
    modelPath: join(import.meta.dirname, 'model'),
    adapterPath: null,
    data: { path, format: 'auto', columns: null },
    maxLength: 512,
  } as const;
  const pairs: PairLogprobs[] = [];
  await logprobs(input, {
    engine: 'tensorflow',
    freeBytes: () => 2 ** 33,
    signals: { wish: null },
    emit: (event) => {
      if (event.kind === 'logprobs') for (const pair of event.pairs) pairs.push(pair);
    },
  });
  const [pair] = pairs;
  expect([pair!.promptIds.length, pair!.chosenIds.length, pair!.rejectedIds.length]).toEqual(lengths);
  expect(sum(pair!.chosenLogprobs)).toBeCloseTo(sums[0]!, 3);
  expect(sum(pair!.rejectedLogprobs)).toBeCloseTo(sums[1]!, 3);
});
