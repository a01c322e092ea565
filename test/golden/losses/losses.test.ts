import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../src-main/engine/graph/program';
import type { Value } from '../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../src-main/engine/lower/tensorflow/session';
import { preferenceMethod } from '../../../src-main/engine/methods';
import { tokenWeights } from '../../../src-main/engine/methods/sampling';
import { linearLogProb } from '../../../src-main/engine/models/log-prob';

// Losses and gradients of DPO and SamPO from token logits, by torch in double precision (make.py); ours run in float32.

interface Golden {
  readonly levelB: {
    readonly ids: readonly (readonly number[])[];
    readonly promptLengths: readonly number[];
    readonly totalLengths: readonly number[];
    readonly vocabulary: number;
    readonly beta: number;
    readonly policyTokens: readonly (readonly number[])[];
    readonly referenceTokens: readonly (readonly number[])[];
    readonly cases: Readonly<Record<string, { readonly weights: readonly (readonly number[])[]; readonly losses: readonly number[]; readonly loss: number; readonly gradientNorm: number; readonly gradientRow0: readonly number[] }>>;
  };
}
const { levelB } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const { ids, promptLengths, totalLengths, vocabulary, beta, cases } = levelB;
/** Every completion token: row b (0, 1 chosen; 2, 3 rejected), place t; the logits at t − 1 predict it. */
const slots = promptLengths.flatMap((prompt, b) => Array.from({ length: totalLengths[b]! - prompt }, (_, i) => ({ b, t: prompt + i, index: i })));
const logits = Float32Array.from(slots.flatMap(({ b, t }) => Array.from({ length: vocabulary }, (_, v) => 2 * Math.sin(1 + 0.9 * b + 1.7 * (t - 1) + 2.3 * v + 0.31 * b * (t - 1)))));
const identity = Float32Array.from({ length: vocabulary ** 2 }, (_, i) => (i % (vocabulary + 1) === 0 ? 1 : 0));

function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => expect(Math.abs(actual[i]! - e), `${actual[i]} against ${e}`).toBeLessThanOrEqual(1e-5 * Math.max(1e-2, Math.abs(e))));
}

async function run(weights: readonly (readonly number[])[]): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const program = new ProgramBuilder();
  program.entry('loss', (g) => {
    const h = g.input('h', 'f32', [slots.length, vocabulary]);
    const head = g.constant(identity, 'f32', [vocabulary, vocabulary]);
    const targets = g.constant(slots.map(({ b, t }) => ids[b]![t]!), 'i32', [slots.length]);
    const logprobs = linearLogProb(program, g, 'golden', h, head, targets, true);
    const rows = g.constant([0, 1, 2, 3].flatMap((row) => slots.map(({ b, index }) => (b === row ? weights[b]![index]! : 0))), 'f32', [4, slots.length]);
    const sums = (values: Value): Value => g.sum(g.mul(rows, g.reshape(values, [1, slots.length])), [1]);
    const [policy, reference] = [sums(logprobs), sums(g.constant(levelB.referenceTokens.flat(), 'f32', [slots.length]))];
    const side = (x: Value, start: number): Value => g.slice(x, [start], [2]);
    const counts = g.constant([4, 2, 5, 4], 'f32', [4]);
    const losses = preferenceMethod('dpo').pairLoss(
      g,
      { chosenPolicy: side(policy, 0), rejectedPolicy: side(policy, 2), chosenReference: side(reference, 0), rejectedReference: side(reference, 2), chosenTokens: side(counts, 0), rejectedTokens: side(counts, 2) },
      { id: 'dpo', beta, labelSmoothing: 0, sampling: null },
    );
    const loss = g.mean(losses, [0]);
    const [gradient] = gradients(g, loss, [h]);
    return { outputs: { logprobs, losses, loss, gradient: gradient! }, updates: [] };
  });
  const session = await compileTensorflow(program.build());
  try {
    return session.run('loss', { h: logits });
  } finally {
    session.dispose();
  }
}

describe('losses and gradients from token logits against torch', () => {
  it.each(Object.entries(cases))('%s', async (_name, { weights, losses, loss, gradientNorm, gradientRow0 }) => {
    const ours = await run(weights);
    close(ours.logprobs!, levelB.policyTokens.flat());
    close(ours.losses!, losses);
    close(ours.loss!, [loss]);
    const gradient = Array.from(ours.gradient!);
    close([Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0))], [gradientNorm]);
    // row 0 of the batch: its completion tokens are the first slots; logits of all other places get no gradient
    const expected = slots.filter(({ b }) => b === 0).flatMap(({ t }) => gradientRow0.slice((t - 1) * vocabulary, t * vocabulary));
    close(gradient.slice(0, expected.length), expected);
    expect(gradientRow0.filter((x) => x !== 0)).toHaveLength(expected.filter((x) => x !== 0).length);
  });

  it('draws `expected` weights as the golden has them', () => {
    for (const pair of [0, 1]) {
      const { chosenPolicy, rejectedPolicy } = tokenWeights('expected', [4, 2][pair]!, [5, 4][pair]!, () => 0);
      close(chosenPolicy, cases['sampo-expected']!.weights[pair]!);
      close(rejectedPolicy, cases['sampo-expected']!.weights[pair + 2]!);
    }
  });
});
