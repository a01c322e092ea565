import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { learningRateAt, warmupSteps } from '../../../src-main/engine/train/loop/schedule';

interface Case {
  readonly schedule: 'linear' | 'cosine' | 'constant';
  readonly total: number;
  readonly warmupRatio: number;
  readonly warmup: number;
  readonly rates: readonly number[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

it.each(cases)(
  '$schedule over $total steps, warm-up $warmupRatio, gives the rates of transformers',
  ({ schedule, total, warmupRatio, warmup, rates }) => {
    expect(warmupSteps(total, warmupRatio)).toBe(warmup);
    rates.forEach((rate, done) =>
      expect(learningRateAt({ learningRate: 1, schedule, warmupRatio }, done, total)).toBeCloseTo(rate, 8),
    );
  },
);
