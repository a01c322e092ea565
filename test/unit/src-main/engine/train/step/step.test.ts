import { describe, expect, it } from 'vitest';
import type { Call, Feeds, Session } from '../../../../../../src-main/engine/graph/types';
import { PackedLogprobs } from '../../../../../../src-main/engine/infer/logprob-table';
import { objectiveOf } from '../../../../../../src-main/engine/train/step/objective';
import { noClipping } from '../../../../../../src-main/engine/train/step/optimizer';
import { layoutOf } from '../../../../../../src-main/engine/program/scoring-layout';
import {
  evaluatePairs,
  trainStep,
  type ReferenceSource,
  type StepContext,
} from '../../../../../../src-main/engine/train/step/step';
import type { TokenizedPair } from '../../../../../../src-main/engine/batch/types';
import type { RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';
import { specOf } from '../fixture';

// What a step tells the device, and what it makes of the answers: a session that writes down its calls.

const pair = (row: number, prompt: number, chosen: number, rejected: number): TokenizedPair => {
  const ids = (n: number, first: number): readonly number[] => Array.from({ length: n }, (_, i) => first + i);
  const cut = { prompt: 0, chosen: 0, rejected: 0 };
  return { row, promptIds: ids(prompt, 1), chosenIds: ids(chosen, 10), rejectedIds: ids(rejected, 20), cut };
};
const short = pair(1, 2, 1, 2);
const long = pair(2, 3, 3, 2);
const pairs = [short, long];
const bucket = { rows: 3, tokens: 8, completions: 12 };

interface Told {
  readonly calls: Call[];
  readonly applied: Feeds[];
}
interface Options {
  readonly method?: RunSpecInput['method'];
  readonly training?: RunSpecInput['training'];
  readonly reference?: ReferenceSource;
  readonly losses?: readonly number[];
  readonly gradNorm?: number;
  readonly lanes?: number;
  readonly interruptedAt?: number;
}
function contextOf({ method = { id: 'dpo' }, training, losses = [0.5, 0.25, 0], gradNorm = 2, ...more }: Options) {
  const told: Told = { calls: [], applied: [] };
  const slots = Float32Array.from({ length: bucket.completions }, (_, i) => -(i + 1));
  const answer = {
    logprobs: slots,
    entropy: slots,
    meanLogit: slots,
    top1: slots,
    kl: slots,
    losses: Float32Array.from(losses),
  };
  let passes = 0;
  const session = {
    runLanes: async (lanes: readonly (readonly Call[])[]) => {
      if (passes++ === more.interruptedAt) return null;
      for (const call of lanes.flat()) told.calls.push(call);
      return lanes.map((lane) => lane.map(() => answer));
    },
    run: (entry: string, feeds: Feeds) => {
      if (entry === 'apply') told.applied.push(feeds);
      return { gradNorm: Float32Array.of(gradNorm) };
    },
  } as unknown as Session;
  const spec = specOf({ method, training: { ...training } });
  const table = new PackedLogprobs(pairs);
  table.set(1, { chosen: Float32Array.of(-1.5), rejected: Float32Array.of(-2.5, -3.5) });
  table.set(2, { chosen: Float32Array.of(-4.5, -5.5, -6.5), rejected: Float32Array.of(-7.5, -8.5) });
  const context: StepContext = {
    session,
    buckets: [bucket],
    layout: layoutOf(spec.method),
    lanes: { count: more.lanes ?? 1, slotCost: 0 },
    objective: objectiveOf(spec),
    reference: more.reference ?? { kind: 'table', table },
    training: spec.training,
  };
  return { context, told };
}
const never = (): Promise<boolean> => Promise.resolve(false);
const place = { step: 7, epoch: 1, update: 3, learningRate: 0.01 };
const list = (values: unknown): readonly number[] => [...(values as Float32Array)];

describe('a training step', () => {
  it('feeds the pairs, longest first, with their reference and the share that each has in the loss', async () => {
    const { context, told } = contextOf({});
    const result = await trainStep(context, pairs, place, {}, never);
    expect(told.calls.map(({ entry }) => entry)).toEqual(['accumulate:0']);
    const feeds = told.calls[0]!.feeds;
    // slots: long's chosen 0 to 2, its rejected 3 and 4, short's chosen 5, its rejected 6 and 7
    expect(list(feeds['targets'])).toEqual([10, 11, 12, 20, 21, 10, 20, 21, 0, 0, 0, 0]);
    expect(list(feeds['referenceLogprobs'])).toEqual([-4.5, -5.5, -6.5, -7.5, -8.5, -1.5, -2.5, -3.5, 0, 0, 0, 0]);
    for (const name of ['policyWeights', 'referenceWeights'])
      expect(list(feeds[name]), name).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    // chosen by row, then rejected; padding divides by 1
    expect(list(feeds['tokenCounts'])).toEqual([3, 1, 1, 2, 2, 1]);
    expect(list(feeds['pairScale'])).toEqual([0.5, 0.5, 0]);
    const rows = Array.from({ length: 6 }, (_, s) =>
      list(feeds['membership'])
        .slice(12 * s, 12 * s + 12)
        .join(''),
    );
    expect(rows).toEqual([
      '111000000000',
      '000001000000',
      '000000000000',
      '000110000000',
      '000000110000',
      '000000000000',
    ]);
    expect(feeds).not.toHaveProperty('lane');
    expect(feeds).not.toHaveProperty('constants');
    expect(told.calls[0]!.fetch).toEqual(['logprobs', 'losses', 'entropy', 'meanLogit', 'top1']);

    // and gives each pair its own slots and loss back, in the step's order
    expect(result!.scored.map((s) => [s.pair.row, s.loss, list(s.policy.chosen), list(s.policy.rejected)])).toEqual([
      [1, 0.25, [-6], [-7, -8]],
      [2, 0.5, [-1, -2, -3], [-4, -5]],
    ]);
    expect(list(result!.scored[0]!.statistics.top1.rejected)).toEqual([-7, -8]);
    expect(list(result!.scored[1]!.reference.chosen)).toEqual([-4.5, -5.5, -6.5]);
    expect([result!.gradNorm, result!.scored[0]!.divergence]).toEqual([2, null]);
  });

  it('feeds the prompt’s own tokens too, where the method scores them', async () => {
    const { context, told } = contextOf({ method: { id: 'orpo', variant: 'seed' } });
    const result = await trainStep(context, pairs, place, {}, never);
    const feeds = told.calls[0]!.feeds;
    // slots: of long chosen 0 to 2, rejected 3 and 4, prompt 5 and 6; of short chosen 7, rejected 8 and 9, prompt 10
    expect(list(feeds['targets'])).toEqual([10, 11, 12, 20, 21, 2, 3, 10, 20, 21, 2, 0]);
    const rows = Array.from({ length: 9 }, (_, s) =>
      list(feeds['membership'])
        .slice(12 * s, 12 * s + 12)
        .join(''),
    );
    expect(rows).toEqual([
      ...['111000000000', '000000010000', '000000000000'],
      ...['000110000000', '000000001100', '000000000000'],
      ...['000001100000', '000000000010', '000000000000'],
    ]);
    expect(list(feeds['constants']).length % 3).toBe(0);
    expect(list(result!.scored[0]!.policy.rejected)).toEqual([-9, -10]);
  });

  it('scores many calls sixteen at a time in each lane', async () => {
    const many = Array.from({ length: 33 }, (_, i) => pair(i + 1, 2, 1, 2));
    const batches = async (lanes: number): Promise<readonly number[]> => {
      const { context } = contextOf({ method: { id: 'simpo' }, lanes });
      const sizes: number[] = [];
      const session = {
        ...context.session,
        runLanes: (calls: readonly (readonly Call[])[], interrupted: () => Promise<boolean>) => {
          sizes.push(calls.flat().length);
          return context.session.runLanes(calls, interrupted);
        },
      };
      const found = await evaluatePairs({ ...context, session, buckets: [{ ...bucket, rows: 1 }] }, many, {}, never);
      expect(found!.scored.map((s) => s.pair.row)).toEqual(many.map(({ row }) => row));
      return sizes;
    };
    expect([await batches(1), await batches(2)]).toEqual([
      [16, 16, 1],
      [32, 1],
    ]);
  });

  it('then updates once, as AdamW at this learning rate and count of updates', async () => {
    const training = {
      adamBetas: [0.9, 0.99] as [number, number],
      adamEpsilon: 1e-6,
      weightDecay: 0.1,
      clipNorm: 0.75,
    };
    const { context, told } = contextOf({ training });
    await trainStep(context, pairs, place, {}, never);
    const root = Math.sqrt(1 - 0.99 ** 3);
    const expected = {
      rate: (0.01 * root) / (1 - 0.9 ** 3),
      epsilon: 1e-6 * root,
      decay: 1 - 0.01 * 0.1,
      clipNorm: 0.75,
    };
    expect(told.applied).toHaveLength(1);
    for (const [name, value] of Object.entries(expected))
      expect(list(told.applied[0]![name]), name).toEqual([Math.fround(value)]);
    const off = contextOf({ training: { clipNorm: null } });
    await trainStep(off.context, pairs, place, {}, never);
    expect(list(off.told.applied[0]!['clipNorm'])).toEqual([Math.fround(noClipping)]);
  });

  it('tells each lane apart where there are several', async () => {
    const { context, told } = contextOf({ lanes: 2 });
    const batches = { ...context, buckets: [{ ...bucket, rows: 1 }] };
    await trainStep(batches, pairs, place, {}, never);
    expect(told.calls.map(({ feeds }) => list(feeds['lane']))).toEqual([[0], [1]]);
    expect(told.calls.map(({ feeds }) => list(feeds['pairScale']))).toEqual([[0.5], [0.5]]);
  });

  it('refuses a loss that is no number before the update, and a gradient after it', async () => {
    const bad = contextOf({ losses: [NaN, 0.5, 0] });
    await expect(trainStep(bad.context, pairs, place, {}, never)).rejects.toMatchObject({
      error: {
        code: 'engine-failed',
        message: 'The loss of step 7 is not a finite number (rows 2 of the dataset).',
        details: { step: 7, rows: [2] },
      },
    });
    expect(bad.told.applied).toEqual([]);
    const steep = contextOf({ gradNorm: Infinity });
    await expect(trainStep(steep.context, pairs, place, {}, never)).rejects.toMatchObject({
      error: { message: 'The gradient of step 7 is not a finite number (rows 1, 2 of the dataset).' },
    });
  });

  it('needs a reference of every row, where the method has one', async () => {
    const { context } = contextOf({ reference: { kind: 'table', table: new PackedLogprobs([long]) } });
    await expect(trainStep(context, pairs, place, {}, never)).rejects.toMatchObject({
      error: { code: 'internal', message: 'Row 1 has no reference log-probs.' },
    });
    for (const options of [
      { method: { id: 'simpo' } },
      { method: { id: 'dpo', referenceFree: true } },
      { reference: { kind: 'none' } },
    ] as const) {
      const none = contextOf(options);
      await trainStep(none.context, pairs, place, {}, never);
      expect(list(none.told.calls[0]!.feeds['referenceLogprobs'])).toEqual(new Array(12).fill(0));
    }
  });

  it('asks a live reference first, and the present weights where tokens are chosen by them', async () => {
    const live = contextOf({ method: { id: 'tdpo' }, reference: { kind: 'live' } });
    const result = await trainStep(live.context, pairs, place, {}, never);
    expect(live.told.calls.map(({ entry }) => entry)).toEqual(['reference:0', 'accumulate:0']);
    expect(live.told.calls[0]!.fetch).toEqual(['logprobs']);
    expect(live.told.calls[1]!.fetch).toContain('kl');
    expect(list(live.told.calls[1]!.feeds['referenceLogprobs']).slice(0, 8)).toEqual([-1, -2, -3, -4, -5, -6, -7, -8]);
    expect(list(result!.scored[1]!.divergence!.rejected)).toEqual([-4, -5]);

    const topk = contextOf({ method: { id: 'sampo', sampling: 'topk' } });
    const kept = await trainStep(topk.context, pairs, place, {}, never);
    expect(topk.told.calls.map(({ entry }) => entry)).toEqual(['evaluate:0', 'accumulate:0']);
    // log-ratios of long's chosen tokens: −1 + 4.5, −2 + 5.5, −3 + 6.5: all 3.5; two are kept
    expect(kept!.scored[1]!.weights.keptTokens).toBe(2);
    const feeds = topk.told.calls[0]!.feeds;
    for (const name of ['policyWeights', 'referenceWeights', 'referenceLogprobs', 'pairScale'])
      expect(new Set(list(feeds[name])), name).toEqual(new Set([0])); // only log-probs are asked for
  });

  it('couples the pairs of a step where the method does, and remembers', async () => {
    const { context, told } = contextOf({ method: { id: 'bco_pair', variant: 'paper', beta: 0.1 } });
    const { memory } = (await trainStep(context, pairs, place, {}, never))!;
    // rewards: 0.1 (−6 + 16.5), 0.1 (−9 + 16); 0.1 (−6 + 1.5), 0.1 (−15 + 6): their mean is 0.1
    const of = (values: object): readonly number[] => Object.values(values) as number[];
    expect(told.calls.map(({ entry }) => entry)).toEqual(['evaluate:0', 'accumulate:0']);
    expect(list(told.calls[1]!.feeds['constants'])).toEqual(
      [Math.fround(0.1), Math.fround(0.1), 0].map((x) => expect.closeTo(x, 6)),
    );
    expect(Object.keys(memory)).toEqual(['bco_pair/sum', 'bco_pair/count']);
    expect(of(memory)).toEqual([expect.closeTo(0.1, 6), 1]);
    expect(of((await trainStep(context, pairs, place, memory, never))!.memory)).toEqual([expect.closeTo(0.2, 6), 2]);
    expect((await evaluatePairs(context, pairs, memory, never))!.memory).toEqual(memory);
  });

  it.each([0, 1])('ends without an update when it is interrupted in pass %i', async (interruptedAt) => {
    const { context, told } = contextOf({ method: { id: 'sampo', sampling: 'topk' }, interruptedAt });
    expect(await trainStep(context, pairs, place, {}, never)).toBeNull();
    expect(told.applied).toEqual([]);
  });
});

describe('an evaluation', () => {
  it('scores all pairs as one batch, in their order, without an update', async () => {
    const { context, told } = contextOf({});
    const found = await evaluatePairs(context, [long, short], {}, never);
    expect(found!.scored.map((s) => s.pair.row)).toEqual([2, 1]);
    expect(told.calls.map(({ entry }) => entry)).toEqual(['evaluate:0']);
    expect(list(told.calls[0]!.feeds['pairScale'])).toEqual([0.5, 0.5, 0]);
    expect(told.applied).toEqual([]);
  });
  it('weighs tokens by their expectation where training draws them', async () => {
    const { context, told } = contextOf({ method: { id: 'sampo' } });
    const found = await evaluatePairs(context, pairs, {}, never);
    const share = Math.fround(2 / 3);
    expect(list(told.calls[0]!.feeds['policyWeights']).slice(0, 8)).toEqual([share, share, share, 1, 1, 1, 0.5, 0.5]);
    expect(found!.scored[1]!.weights.keptTokens).toBe(2);
  });
  it.each([0])('is null when it is interrupted', async (interruptedAt) => {
    expect(await evaluatePairs(contextOf({ interruptedAt }).context, pairs, {}, never)).toBeNull();
  });
});
