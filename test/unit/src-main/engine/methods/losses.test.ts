import { describe, expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import type { GraphBuilder, Value } from '../../../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../../../src-main/engine/lower/tensorflow/session';
import { preferenceMethod } from '../../../../../src-main/engine/methods';
import { linearLogProb } from '../../../../../src-main/engine/models/log-prob';
import type { RunSpec } from '../../../../../src-main/shared/run-spec';

// methods.md section 6: numbers made by the reference trainers in double precision; ours run in float32, hence 1e-5 relative.

const parameters = (overrides: Partial<RunSpec['method']> = {}): RunSpec['method'] => ({ id: 'dpo', beta: 0.1, labelSmoothing: 0, sampling: null, ...overrides });
const close = (actual: ArrayLike<number>, expected: readonly number[], relative = 1e-5): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => expect(Math.abs(actual[i]! - e), `${actual[i]} against ${e}`).toBeLessThanOrEqual(relative * Math.max(1e-3, Math.abs(e))));
};

describe('level A: sequence sums', () => {
  const chosenPolicy = [-12.3, -45.6];
  const rejectedPolicy = [-14.1, -40.2];
  const reference = { chosen: [-13.0, -44.0], rejected: [-13.5, -41.0] };

  const run = async (method: RunSpec['method']): Promise<Readonly<Record<string, ArrayLike<number>>>> => {
    const program = new ProgramBuilder();
    program.entry('loss', (g) => {
      const [w, l] = [g.input('w', 'f32', [2]), g.input('l', 'f32', [2])];
      const fixed = (values: readonly number[]): Value => g.constant(values, 'f32', [2]);
      const sums = { chosenPolicy: w, rejectedPolicy: l, chosenReference: fixed(reference.chosen), rejectedReference: fixed(reference.rejected), chosenTokens: fixed([8, 30]), rejectedTokens: fixed([12, 25]) };
      const losses = preferenceMethod(method.id).pairLoss(g, sums, method);
      const [dw, dl] = gradients(g, g.mean(losses, [0]), [w, l]);
      return { outputs: { losses, dw: dw!, dl: dl! }, updates: [] };
    });
    const session = await compileTensorflow(program.build());
    try {
      return session.run('loss', { w: Float32Array.from(chosenPolicy), l: Float32Array.from(rejectedPolicy) });
    } finally {
      session.dispose();
    }
  };

  it('gives the sigmoid losses and their gradients', async () => {
    const { losses, dw, dl } = await run(parameters());
    close(losses!, [0.6302581947, 0.8203299666]);
    close(dw!, [-0.0233772847, -0.0279856825]);
    close(dl!, [0.0233772847, 0.0279856825]);
  });

  it('smooths labels as cDPO: (1 − e) loss(h) + e loss(−h)', async () => {
    const e = 0.1;
    const { losses } = await run(parameters({ labelSmoothing: e }));
    const expected = [0.13, -0.24].map((z) => (1 - e) * Math.log1p(Math.exp(-z)) + e * Math.log1p(Math.exp(z)));
    close(losses!, expected);
  });
});

describe('level B: token logits', () => {
  const vocabulary = 5;
  const logit = (b: number, t: number, v: number, shift: number): number => Math.sin(shift + 0.9 * b + 1.7 * t + 2.3 * v + 0.31 * b * t);
  const id = (b: number, t: number): number => (3 * b + 2 * t + 1) % vocabulary;
  const promptLengths = [2, 3, 2, 3];
  const totalLengths = [6, 5, 7, 7];
  // slot of every completion token: the logits at t − 1 predict token t
  const slots = promptLengths.flatMap((prompt, b) => Array.from({ length: totalLengths[b]! - prompt }, (_, i) => ({ b, t: prompt + i })));
  const hidden = (scale: number, shift: number): Float32Array => Float32Array.from(slots.flatMap(({ b, t }) => Array.from({ length: vocabulary }, (_, v) => scale * logit(b, t - 1, v, shift))));
  const logSoftmax = (row: ArrayLike<number>, target: number): number => row[target]! - Math.log(Array.from(row).reduce((sum, z) => sum + Math.exp(z), 0));
  const reference = slots.map(({ b, t }, i) => logSoftmax(hidden(1.8, 1.25).slice(i * vocabulary, (i + 1) * vocabulary), id(b, t)));

  /** Weights [2 pairs x 2 sides, slots]; rows 0, 1 chosen, 2, 3 rejected of pairs 0, 1. */
  const run = async (method: RunSpec['method'], weight: (b: number, index: number) => number, headFrozen: boolean): Promise<Readonly<Record<string, ArrayLike<number>>>> => {
    const weights = Float32Array.from([0, 1, 2, 3].flatMap((row) => slots.map(({ b, t }) => (b === row ? weight(b, t - promptLengths[b]!) : 0))));
    const program = new ProgramBuilder();
    program.entry('loss', (g: GraphBuilder) => {
      const h = g.input('h', 'f32', [slots.length, vocabulary]);
      const identity = g.constant(Float32Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0)), 'f32', [vocabulary, vocabulary]);
      const targets = g.constant(slots.map(({ b, t }) => id(b, t)), 'i32', [slots.length]);
      const logprobs = linearLogProb(program, g, 'test', h, identity, targets, headFrozen);
      const w = g.constant(weights, 'f32', [4, slots.length]);
      const sums = (values: Value): Value => g.sum(g.mul(w, g.reshape(values, [1, slots.length])), [1]);
      const policy = sums(logprobs);
      const fixed = sums(g.constant(reference, 'f32', [slots.length]));
      const side = (x: Value, start: number): Value => g.slice(x, [start], [2]);
      const counts = g.constant([4, 2, 5, 4], 'f32', [4]);
      const losses = preferenceMethod(method.id).pairLoss(
        g,
        { chosenPolicy: side(policy, 0), rejectedPolicy: side(policy, 2), chosenReference: side(fixed, 0), rejectedReference: side(fixed, 2), chosenTokens: side(counts, 0), rejectedTokens: side(counts, 2) },
        method,
      );
      const loss = g.mean(losses, [0]);
      const [d] = gradients(g, loss, [h]);
      return { outputs: { policy, losses, loss, norm: g.sqrt(g.sum(g.square(d!), [0, 1])), rowSums: g.sum(d!, [1]) }, updates: [] };
    });
    const session = await compileTensorflow(program.build());
    try {
      return session.run('loss', { h: hidden(2, 1) });
    } finally {
      session.dispose();
    }
  };

  for (const headFrozen of [true, false]) {
    it(`gives sums, sigmoid loss and gradient norm (${headFrozen ? 'frozen' : 'trained'} head)`, async () => {
      const { policy, loss, norm, rowSums } = await run(parameters(), () => 1, headFrozen);
      close(policy!, [-8.337129306, -5.8413004915, -13.1329061320, -9.3454884345]);
      close(loss!, [0.6728901748]);
      close(norm!, [0.096674596]);
      for (const sum of Array.from(rowSums!)) expect(Math.abs(sum)).toBeLessThan(1e-6);
    });
  }

  it('gives the SamPO losses for the subset of the first m tokens', async () => {
    const kept = (b: number, index: number): number => (index < [4, 2, 4, 2][b]! ? 1 : 0);
    const { losses } = await run(parameters({ id: 'sampo' }), kept, true);
    close(losses!, [0.6360501526, 0.706642834]);
  });
});
