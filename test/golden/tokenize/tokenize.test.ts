import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPairs } from '../../../src-main/engine/data/read-pairs';
import { tokenizePair } from '../../../src-main/engine/data/tokenize';
import type { Message } from '../../../src-main/shared/data/dataset';
import type { ChatFormat } from '../../../src-main/engine/tokenizer/types';
import { openModel } from '../../../src-main/engine/source/open-model';

// Ids, boundaries and cuts of pairs as TRL 1.16 has them (make.py; README.md). What needs SmolLM2's tokenizer runs
// where SAMPO_SMOLLM2 (and SAMPO_DPO_DEMO) name the files.

interface Case {
  readonly tokenizer: 'bytes' | 'smollm2';
  readonly name: string;
  readonly prompt: string | readonly Message[];
  readonly chosen: string | readonly Message[];
  readonly rejected: string | readonly Message[];
  readonly promptIds: readonly number[];
  readonly chosenIds: readonly number[];
  readonly rejectedIds: readonly number[];
}
interface Cut {
  readonly maxLength: number;
  readonly lengths: readonly [number, number, number];
  readonly fit: readonly number[] | null;
  readonly drop: readonly number[] | null;
  readonly seed: readonly number[] | null;
  readonly seedPromptStartsAt: number | null;
}
interface Golden {
  readonly cases: readonly Case[];
  readonly cuts: readonly Cut[];
  readonly demo: { readonly lengths: readonly (readonly [number, number, number])[]; readonly idsSha256: string };
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const smollm2 = process.env['SAMPO_SMOLLM2'] ?? '';
const demo = process.env['SAMPO_DPO_DEMO'] ?? '';

async function chatOf(tokenizer: Case['tokenizer']): Promise<ChatFormat> {
  const source = await openModel(tokenizer === 'bytes' ? join(import.meta.dirname, '../trl/model') : smollm2);
  try {
    return await source.tokenizer();
  } finally {
    await source.close();
  }
}

const answer = (side: string | readonly Message[]): string =>
  typeof side === 'string' ? side : side.map((m) => m.content).join('');

describe.each(['bytes', 'smollm2'] as const)('tokenization by %s', (tokenizer) => {
  it
    .skipIf(tokenizer === 'smollm2' && !existsSync(smollm2))
    .each(golden.cases.filter((c) => c.tokenizer === tokenizer).map((c) => [c.name, c] as const))(
    '%s',
    async (_name, c) => {
      const prompt =
        typeof c.prompt === 'string'
          ? ({ kind: 'text', text: c.prompt } as const)
          : ({ kind: 'messages', messages: c.prompt } as const);
      const pair = { row: 1, prompt, chosen: answer(c.chosen), rejected: answer(c.rejected) };
      expect(tokenizePair(await chatOf(tokenizer), pair, { maxLength: 100_000, truncation: 'fit' })).toMatchObject({
        promptIds: c.promptIds,
        chosenIds: c.chosenIds,
        rejectedIds: c.rejectedIds,
      });
    },
  );
});

describe('cuts', () => {
  it.each(golden.cuts.map((c) => [`${c.lengths.join(', ')} into ${c.maxLength}`, c] as const))(
    '%s',
    async (_name, { maxLength, lengths, ...expected }) => {
      const chat = await chatOf('bytes');
      const [promptTokens, chosenTokens, rejectedTokens] = lengths;
      // one token a byte; the end of either response is a token too
      const pair = {
        row: 1,
        prompt: { kind: 'text', text: 'p'.repeat(promptTokens) } as const,
        chosen: 'c'.repeat(chosenTokens - 1),
        rejected: 'r'.repeat(rejectedTokens - 1),
      };
      for (const truncation of ['fit', 'drop', 'seed'] as const) {
        const got = tokenizePair(chat, pair, { maxLength, truncation });
        const sizes = 'code' in got ? null : [got.promptIds.length, got.chosenIds.length, got.rejectedIds.length];
        expect(sizes, truncation).toEqual(expected[truncation]);
      }
    },
  );
});

it.skipIf(!existsSync(smollm2) || !existsSync(demo))(
  '299 real pairs by SmolLM2 have the ids that TRL gives them',
  async () => {
    const chat = await chatOf('smollm2');
    const { pairs } = await readPairs({ path: demo, format: 'auto', columns: null });
    const tokenized = pairs.map((pair) => tokenizePair(chat, pair, { maxLength: 100_000, truncation: 'fit' }));
    const ids = tokenized.map((t) => ('code' in t ? [] : [t.promptIds, t.chosenIds, t.rejectedIds]));
    expect(ids.map((row) => row.map((side) => side.length))).toEqual(golden.demo.lengths);
    expect(createHash('sha256').update(JSON.stringify(ids)).digest('hex')).toBe(golden.demo.idsSha256);
  },
);
