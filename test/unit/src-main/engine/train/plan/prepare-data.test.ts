import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareData, type PreparedData } from '../../../../../../src-main/engine/train/plan/prepare-data';
import { runSpecSchema, type RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';
import { characters } from '../../data/characters';
import { temporaryFolder } from '../fixture';

interface Row {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected?: string;
}
const row = (n: number): Row => ({ prompt: `p${n}`, chosen: `c${n}`, rejected: `r${n}` });
const rows = (count: number): readonly Row[] => Array.from({ length: count }, (_, i) => row(i + 1));

interface Given {
  readonly rows: readonly unknown[];
  readonly dataset?: Partial<RunSpecInput['dataset']>;
  readonly training?: RunSpecInput['training'];
  readonly objective?: 'supervised';
  readonly probes?: readonly string[];
  readonly contextLength?: number;
  readonly pause?: () => Promise<void>;
}
async function prepare({ rows: given, dataset, training, objective, probes = [], contextLength = 64, pause }: Given) {
  const path = join(temporaryFolder(), 'pairs.jsonl');
  writeFileSync(path, given.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const spec = runSpecSchema.parse({
    model: { path: 'm' },
    dataset: { path, evalFraction: 0, ...dataset },
    training,
    objective,
    method: objective === 'supervised' ? { id: 'sft' } : undefined,
    probes: { prompts: [...probes] },
  });
  const progress: (readonly [number, number])[] = [];
  let pauses = 0;
  const data = await prepareData(
    spec,
    characters,
    contextLength,
    (done, total) => progress.push([done, total]),
    pause ?? (() => Promise.resolve(void pauses++)),
  );
  return { data, progress, pauses: () => pauses, path };
}
const rowsOf = (pairs: PreparedData['train']): readonly number[] => pairs.map((pair) => pair.row);

describe('a run’s data', () => {
  it('are the pairs of the file as ids, those held out apart', async () => {
    const { data } = await prepare({ rows: rows(20), dataset: { evalFraction: 0.1 } });
    expect([data.train.length, data.held.length]).toEqual([18, 2]);
    expect([...rowsOf(data.train), ...rowsOf(data.held)].sort((a, b) => a - b)).toEqual(rows(20).map((_, i) => i + 1));
    const first = data.train.find((pair) => pair.row < 10)!;
    expect([...first.chosenIds].map((id) => String.fromCharCode(id)).join('')).toBe(`c${first.row}\u0002`);
    expect([data.problems, data.warnings, data.notes, data.cutPairs, data.droppedPairs]).toEqual([[], [], [], 0, 0]);
    const other = await prepare({ rows: rows(20), dataset: { evalFraction: 0.1 }, training: { seed: 1 } });
    expect(rowsOf(other.data.held)).not.toEqual(rowsOf(data.held));
  });

  it('are without the rows that cannot be used, which are told', async () => {
    const { data } = await prepare({
      rows: [row(1), { prompt: 'x', chosen: 'same', rejected: 'same' }, row(3), { prompt: 'y' }, row(1)],
    });
    expect(rowsOf(data.train)).toEqual([1, 3, 5]);
    expect(data.problems.map(({ count, rows: r }) => [count, r])).toEqual([
      [1, [2]],
      [1, [4]],
    ]);
    expect(data.warnings.map(({ code, rows: r }) => [code, r])).toEqual([['duplicate', [5]]]);
  });

  it('say which labels contradict each other', async () => {
    const { data } = await prepare({ rows: [row(1), { prompt: 'p1', chosen: 'r1', rejected: 'c1' }] });
    expect(data.warnings.map(({ code, rows: r }) => [code, r])).toEqual([['swapped', [2]]]);
  });

  it('of a supervised run are chosen answers alone, however often they come', async () => {
    const { data } = await prepare({ rows: [row(1), row(1)], objective: 'supervised' });
    const lengths = data.train.map(({ chosenIds, rejectedIds }) => [chosenIds.length, rejectedIds.length]);
    expect([lengths, data.warnings]).toEqual([
      [
        [3, 0],
        [3, 0],
      ],
      [],
    ]);
  });

  it.each(['fit', 'seed', 'drop'] as const)(
    'of a supervised run do not depend on the rejected answers, cut by %s',
    async (truncation) => {
      const chosen = ['same', 'short', 'a', 'abc'];
      const given = (rejected: readonly string[]) =>
        prepare({
          rows: chosen.map((text, i) => ({ prompt: `prompt ${i}`, chosen: text, rejected: rejected[i] })),
          objective: 'supervised',
          training: { maxLength: 16, truncation },
        });
      const trained = async (rejected: readonly string[]) => {
        const { data } = await given(rejected);
        const ids = data.train.map(({ row, promptIds, chosenIds }) => [row, [...promptIds], [...chosenIds]]);
        return [ids, data.problems, data.cutPairs, data.droppedPairs];
      };
      const [ids, ...rest] = await trained(['other', 'others', 'b', 'bcd']);
      expect([(ids as unknown[]).length, ...rest]).toEqual([4, [], 0, 0]);
      expect(await trained(['same', '', ' \n', 'far too long for so few tokens'])).toEqual([ids, ...rest]);
    },
  );

  // a prompt with its start has 11 tokens, an answer with its end 5
  const long = (chosen: string, rejected: string): Row => ({ prompt: 'p'.repeat(10), chosen, rejected });
  it.each<[string, Row, number]>([
    ['nothing', long('abcd', 'abce'), 0],
    ['the chosen answer', long('abcdefgh', 'x'), 1],
    ['the rejected answer', long('x', 'abcdefgh'), 1],
    ['both', long('abcdefgh', 'bcdefghi'), 1],
    ['the prompt', { ...long('a', 'b'), prompt: 'p'.repeat(40) }, 1],
  ])('of which the cut takes %s count so', async (_, one, cutPairs) => {
    const { data } = await prepare({ rows: [one], training: { maxLength: 16, truncation: 'seed' } });
    expect(data.cutPairs).toBe(cutPairs);
    const { promptIds, chosenIds, rejectedIds } = data.train[0]!;
    expect(promptIds.length + Math.max(chosenIds.length, rejectedIds.length)).toBeLessThanOrEqual(16);
  });

  it('are cut to the model’s window where that is shorter', async () => {
    const cut = async (maxLength: number, contextLength: number): Promise<number> => {
      const { data } = await prepare({ rows: [long('abcdefgh', 'x')], training: { maxLength }, contextLength });
      return data.train[0]!.promptIds.length + data.train[0]!.chosenIds.length;
    };
    expect([await cut(16, 64), await cut(64, 17), await cut(64, 64)]).toEqual([16, 17, 20]);
  });

  it('leave out what is too long, where the spec says so', async () => {
    const given = [row(1), long('abcdefgh', 'x'), { ...row(3), prompt: 'p'.repeat(99) }];
    const { data } = await prepare({ rows: given, training: { maxLength: 16, truncation: 'drop' } });
    expect([rowsOf(data.train), data.droppedPairs, data.cutPairs]).toEqual([[1], 2, 0]);
  });

  it.each([1, 32, 33, 39, 40])('are the first %i usable pairs, where the spec says so', async (limit) => {
    const { data, progress } = await prepare({ rows: [{}, ...rows(40)], dataset: { limit } });
    expect(rowsOf(data.train)).toEqual(Array.from({ length: limit }, (_, i) => i + 2));
    expect(progress.at(-1)).toEqual([limit, limit]);
    expect(progress.every(([done, total]) => done <= total && total <= limit)).toBe(true);
  });

  it('are read no further than the limit', async () => {
    const wide = Array.from({ length: 3000 }, (_, i) => ({ ...row(i), chosen: `c${i}${'x'.repeat(1000)}` }));
    const { data } = await prepare({ rows: [...wide, {}], dataset: { limit: 1 }, training: { maxLength: 16 } });
    expect([rowsOf(data.train), data.problems]).toEqual([[1], []]); // a bad row at the end is not seen
  });

  it('come 32 at a time: between them somebody may look in', async () => {
    const { progress, pauses } = await prepare({ rows: rows(70) });
    expect(progress).toEqual([
      [0, 0],
      [0, 70],
      [32, 70],
      [64, 70],
      [70, 70],
    ]);
    expect(pauses()).toBe(3);
    const stopped = prepare({ rows: rows(70), pause: () => Promise.reject(new Error('stop')) });
    await expect(stopped).rejects.toThrow('stop');
  });

  it('foretell of a long file how many more there are', async () => {
    const wide = Array.from({ length: 3000 }, (_, i) => ({ ...row(i), chosen: `c${i}${'x'.repeat(1000)}` }));
    const { progress, data } = await prepare({ rows: wide, training: { maxLength: 16 } });
    expect(data.train).toHaveLength(3000);
    const [, first] = progress;
    expect(first![0]).toBe(0);
    expect(first![1]).toBeGreaterThan(2500);
    expect(first![1]).toBeLessThan(3500);
    expect(progress.at(-1)).toEqual([3000, 3000]);
  });

  it('give prompts for probes, and say which of them are trained on', async () => {
    const { data } = await prepare({
      rows: [...rows(20), { prompt: 'bad', chosen: 'a', rejected: 'a' }],
      dataset: { evalFraction: 0.5 },
      probes: ['p1', 'p2', 'other'],
    });
    const held = new Set(rowsOf(data.held).map((n) => `p${n}`));
    expect(held.size).toBe(10);
    expect(data.prompts.map(({ text }) => text).sort()).toEqual(
      rows(20)
        .map(({ prompt }) => prompt)
        .sort(),
    );
    expect([...data.trainedPrompts].sort()).toEqual(
      rows(20)
        .map(({ prompt }) => prompt)
        .filter((text) => !held.has(text))
        .sort(),
    );
  });

  it('without one usable pair are refused with the first problem, and twenty in the details', async () => {
    const bad = Array.from({ length: 30 }, () => ({ prompt: 'x', chosen: 'same', rejected: 'same' }));
    const failed = prepare({ rows: bad });
    await expect(failed).rejects.toMatchObject({
      error: {
        code: 'bad-data',
        message: expect.stringMatching(/^pairs\.jsonl has no usable pair\. Row 1: .+\.$/),
        hint: expect.stringContaining('data inspect'),
      },
    });
    const { error } = (await failed.catch((thrown: unknown) => thrown)) as {
      error: { details: { problems: { row: number }[]; problemGroups: { count: number }[] } };
    };
    expect(error.details.problems.map(({ row: r }) => r)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(error.details.problemGroups.map(({ count }) => count)).toEqual([30]);
  });
});
