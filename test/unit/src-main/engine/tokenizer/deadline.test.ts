import { describe, expect, it } from 'vitest';
import { eachWithDeadline, naming, withDeadline } from '../../../../../src-main/engine/tokenizer/deadline';
import { AppFailure, throwFailure, type AppError } from '../../../../../src-main/shared/result';

const failureOf = (run: () => unknown): AppError => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof AppFailure) return thrown.error;
    throw thrown;
  }
  throw new Error('nothing was refused');
};
const forEver = (): never => {
  for (;;);
};
const backtracking = (): unknown => /^(a+)+$/u.exec(`${'a'.repeat(60)}!`);

describe('a deadline', () => {
  it('ends a loop without end and says what ran', () => {
    const { code, message, details } = failureOf(() =>
      withDeadline(() => naming('The chat template of M', '/m', forEver), 50),
    );
    expect([code, message, details]).toEqual([
      'bad-model',
      'The chat template of M takes longer than 0.05 s for one text.',
      { file: '/m', deadline: true },
    ]);
  });

  it('ends a pattern in the middle of its backtracking', () => {
    expect(
      failureOf(() => withDeadline(() => naming('tokenizer.json of M', '/m', backtracking), 50)).message,
    ).toContain('tokenizer.json of M');
  });

  it('is not caught by what it ends', () => {
    const stubborn = (): void => {
      for (;;)
        try {
          forEver();
        } catch {
          // a template engine that turns every error into its own
        }
    };
    expect(failureOf(() => withDeadline(stubborn, 50)).details).toMatchObject({ deadline: true });
  });

  it('gives back what the work gives, and passes its errors on as they are', () => {
    expect(withDeadline(() => [1, 2])).toEqual([1, 2]);
    expect(failureOf(() => withDeadline(() => throwFailure('bad-data', 'no', 'hint', { template: true })))).toEqual({
      code: 'bad-data',
      message: 'no',
      hint: 'hint',
      details: { template: true },
    });
    expect(() =>
      withDeadline(() => {
        throw new RangeError('deep');
      }),
    ).toThrow(RangeError);
  });

  it('watches again after it ended something', () => {
    failureOf(() => withDeadline(forEver, 20));
    expect(failureOf(() => withDeadline(forEver, 20)).details).toMatchObject({ deadline: true });
    expect(withDeadline(() => 7)).toBe(7);
  });

  it('is the outer one where one stands inside another', () => {
    const started = performance.now();
    failureOf(() => withDeadline(() => withDeadline(forEver, 60_000), 50));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('deadlines for many items', () => {
  const rows = [{ row: 11 }, { row: 12 }, { row: 13 }];

  it('does every item once, in order', () => {
    const seen: [number, number][] = [];
    eachWithDeadline(
      rows,
      ({ row }) => row,
      ({ row }, i) => seen.push([row, i]),
    );
    expect(seen).toEqual([
      [11, 0],
      [12, 1],
      [13, 2],
    ]);
    eachWithDeadline(
      [],
      () => 0,
      () => expect.unreachable(),
    );
  });

  it('names the row that does not end', () => {
    const run = (): void =>
      eachWithDeadline(
        rows,
        ({ row }) => row,
        ({ row }) => (row === 12 ? naming('The chat template of M', '/m', forEver) : null),
        60,
      );
    expect(failureOf(run)).toMatchObject({
      message: 'The chat template of M takes longer than 0.06 s for row 12.',
      details: { row: 12, deadline: true },
    });
  });

  it('gives each item its time: many slow ones are no fault', () => {
    const busy = (): void => {
      const until = performance.now() + 60;
      while (performance.now() < until);
    };
    const many = Array.from({ length: 8 }, (_, i) => i);
    expect(() => eachWithDeadline(many, (i) => i, busy, 400)).not.toThrow();
  });

  it('passes other failures on', () => {
    const run = (): void =>
      eachWithDeadline(
        rows,
        ({ row }) => row,
        () => throwFailure('bad-model', 'other', 'hint'),
      );
    expect(failureOf(run)).toMatchObject({ message: 'other' });
  });
});
