import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tokenWeights } from '../../../src-main/engine/methods/sampling';
import type { PairWeights } from '../../../src-main/engine/methods/types';
import type { TokenizedPair } from '../../../src-main/engine/batch/types';
import { levelB } from '../../unit/support/token-logits';

// Losses and gradients of DPO and SamPO from token logits, by torch in double precision (make.py); ours run in float32.

interface Golden {
  readonly levelB: {
    readonly promptLengths: readonly number[];
    readonly totalLengths: readonly number[];
    readonly vocabulary: number;
    readonly beta: number;
    readonly policyTokens: readonly (readonly number[])[];
    readonly referenceTokens: readonly (readonly number[])[];
    readonly cases: Readonly<
      Record<
        string,
        {
          readonly weights: readonly (readonly number[])[];
          readonly losses: readonly number[];
          readonly loss: number;
          readonly gradientNorm: number;
          readonly gradientRow0: readonly number[];
        }
      >
    >;
  };
}
const { levelB: golden } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const { promptLengths, totalLengths, vocabulary, beta, cases } = golden;
/** Every completion token: row b (0, 1 chosen; 2, 3 rejected), place t; the logits at t − 1 predict it. */
const slots = promptLengths.flatMap((prompt, b) =>
  Array.from({ length: totalLengths[b]! - prompt }, (_, i) => ({ b, t: prompt + i, index: i })),
);

function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) =>
    expect(Math.abs(actual[i]! - e), `${actual[i]} against ${e}`).toBeLessThanOrEqual(
      1e-5 * Math.max(1e-2, Math.abs(e)),
    ),
  );
}

/** The golden's token weights, per pair. */
const weightsOf =
  (weights: readonly (readonly number[])[]) =>
  ({ row }: TokenizedPair): PairWeights => {
    const [chosen, rejected] = [weights[row - 1]!, weights[row + 1]!].map((w) => Float32Array.from(w)) as [
      Float32Array,
      Float32Array,
    ];
    return {
      chosenPolicy: chosen,
      rejectedPolicy: rejected,
      chosenReference: chosen,
      rejectedReference: rejected,
      keptTokens: 0,
    };
  };

describe('losses and gradients from token logits against torch', () => {
  it.each(Object.entries(cases))('%s', async (_name, { weights, losses, loss, gradientNorm, gradientRow0 }) => {
    const ours = await levelB({ id: 'dpo', beta }, { weights: weightsOf(weights) });
    close(
      ours.scored.flatMap(({ policy }) => [...policy.chosen, ...policy.rejected]),
      [0, 2, 1, 3].flatMap((b) => golden.policyTokens[b]!),
    );
    close(
      ours.scored.map((s) => s.loss),
      losses,
    );
    close([ours.loss], [loss]);
    close([ours.gradNorm], [gradientNorm]);
    const gradient = Array.from(ours.gradient);
    // row 0 of the batch: its completion tokens are the first slots; logits of all other places get no gradient
    const expected = slots
      .filter(({ b }) => b === 0)
      .flatMap(({ t }) => gradientRow0.slice((t - 1) * vocabulary, t * vocabulary));
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
