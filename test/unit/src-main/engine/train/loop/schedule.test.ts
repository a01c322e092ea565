import { describe, expect, it } from 'vitest';
import { adamScalars } from '../../../../../../src-main/engine/train/step/optimizer';
import { learningRateAt, scheduleFactor, warmupSteps } from '../../../../../../src-main/engine/train/loop/schedule';

// transformers 5.x: get_scheduler(kind, optimizer(lr=1), num_warmup_steps=3, num_training_steps=10), get_last_lr()
// before each step
const golden = {
  linear: [
    0,
    1 / 3,
    2 / 3,
    1,
    0.857142857142857,
    0.714285714285714,
    0.571428571428571,
    0.428571428571429,
    0.285714285714286,
    0.142857142857143,
    0,
  ],
  cosine: [
    0,
    1 / 3,
    2 / 3,
    1,
    0.95048443395120952,
    0.81174490092936674,
    0.61126046697815717,
    0.38873953302184283,
    0.18825509907063326,
    0.049515566048790427,
    0,
  ],
  constant: [0, 1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1, 1, 1],
} as const;

describe('scheduleFactor', () => {
  it.each(['linear', 'cosine', 'constant'] as const)('%s equals transformers', (kind) => {
    golden[kind].forEach((expected, done) => expect(scheduleFactor(kind, done, 3, 10)).toBeCloseTo(expected, 12));
  });
  it('starts at full rate without warm-up', () => {
    expect(scheduleFactor('linear', 0, 0, 4)).toBe(1);
    expect(scheduleFactor('linear', 3, 0, 4)).toBe(0.25);
  });
  it('rounds warm-up steps up', () => {
    expect(warmupSteps(41, 0.1)).toBe(5);
    expect(warmupSteps(10, 0)).toBe(0);
  });
  it('gives the first step of a warm-up no rate', () =>
    expect(learningRateAt({ learningRate: 1e-5, schedule: 'linear', warmupRatio: 0.1 }, 0, 20)).toBe(0));
});

/** torch.optim.AdamW, written out in doubles. */
function torchAdamW(
  gradients: readonly number[],
  lr: number,
  [beta1, beta2]: readonly [number, number],
  eps: number,
  decay: number,
): number {
  let p = 1;
  let m = 0;
  let v = 0;
  gradients.forEach((g, i) => {
    const t = i + 1;
    p *= 1 - lr * decay;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const stepSize = lr / (1 - beta1 ** t);
    p -= stepSize * (m / (Math.sqrt(v) / Math.sqrt(1 - beta2 ** t) + eps));
  });
  return p;
}

describe('adamScalars', () => {
  it('make the folded update equal torch.optim.AdamW', () => {
    const gradients = [0.3, -0.1, 1e-9, 0.7];
    const training = { adamBetas: [0.9, 0.99] as [number, number], adamEpsilon: 1e-8, weightDecay: 0.1 };
    let p = 1;
    let m = 0;
    let v = 0;
    gradients.forEach((g, i) => {
      const { rate, epsilon, decay } = adamScalars(training, 0.01, i + 1);
      m = 0.9 * m + 0.1 * g;
      v = 0.99 * v + 0.01 * g * g;
      p = p * decay - (rate * m) / (Math.sqrt(v) + epsilon);
    });
    expect(p).toBeCloseTo(torchAdamW(gradients, 0.01, [0.9, 0.99], 1e-8, 0.1), 14);
  });
});

describe('edges of a schedule', () => {
  it.each([
    ['linear', 10, 3, 10, 0],
    ['linear', 12, 3, 10, 0], // past its end
    ['linear', 9, 0, 10, 0.1],
    ['linear', 4, 4, 4, 0], // all warm-up
    ['cosine', 10, 0, 10, 0],
    ['cosine', 5, 0, 10, 0.5],
    ['cosine', 0, 0, 1, 1],
    ['constant', 99, 3, 10, 1],
    ['constant', 2, 4, 10, 0.5],
    ['cosine', 1, 2, 10, 0.5],
    ['linear', 0, 1, 10, 0],
    ['linear', 1, 1, 10, 1],
  ] as const)('%s, %i steps done, warm-up %i of %i: %f', (kind, done, warmup, total, factor) =>
    expect(scheduleFactor(kind, done, warmup, total)).toBeCloseTo(factor, 12),
  );
  it.each([
    [10, 0.1, 1],
    [10, 0.11, 2],
    [100, 0.1, 10],
    [1, 0.5, 1],
    [0, 0.5, 0],
  ])('%i steps, a share of %f: %i of them warm up', (total, ratio, steps) =>
    expect(warmupSteps(total, ratio)).toBe(steps),
  );
  it('multiplies the learning rate', () => {
    const training = { learningRate: 0.02, schedule: 'linear', warmupRatio: 0.2 } as const;
    expect([0, 1, 2, 6].map((done) => learningRateAt(training, done, 10))).toEqual(
      [0, 0.01, 0.02, 0.01].map((rate) => expect.closeTo(rate, 12)),
    );
  });
  it('the scalars of the first update: √(1 − b2) (1 − lr·wd) and a rate that undoes the first moment’s bias', () => {
    const training = { adamBetas: [0.9, 0.99] as [number, number], adamEpsilon: 1e-8, weightDecay: 0.5 };
    const { rate, epsilon, decay } = adamScalars(training, 0.2, 1);
    expect([rate, epsilon, decay]).toEqual([(0.2 * 0.1) / 0.1, 1e-9, 0.9].map((x) => expect.closeTo(x, 12)));
  });
});
