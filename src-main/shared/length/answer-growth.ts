import { groupBy } from '../group-by';
import type { ProbeSample } from '../metrics/reports';
import { mean, meanInterval, type MeanInterval } from '../statistics';

/**
 * A prompt is told by its text, in one run as between runs: its place in a list says nothing. The same text asked twice
 * counts on.
 */
export function promptKeys(round: readonly ProbeSample[]): ReadonlyMap<string, ProbeSample> {
  const asked = new Map<string, number>();
  const keyed = round
    .toSorted((a, b) => a.prompt - b.prompt)
    .map((sample): [string, ProbeSample] => {
      const count = (asked.get(sample.promptText) ?? 0) + 1;
      asked.set(sample.promptText, count);
      return [`${count}:${sample.promptText}`, sample];
    });
  return new Map(keyed);
}

/** Answers before training and those of the newest complete round, by prompt. */
export interface AnswerRounds {
  readonly step: number; // of `after`
  readonly before: ReadonlyMap<string, ProbeSample>;
  readonly after: ReadonlyMap<string, ProbeSample>;
}

/**
 * Null until there is a round before training and a whole one after; a round that is still being answered does not
 * count.
 */
export function answerRounds(samples: readonly ProbeSample[]): AnswerRounds | null {
  const byStep = groupBy(samples, (s) => s.step);
  const before = promptKeys(byStep.get(0) ?? []);
  if (before.size === 0) return null;
  const later = [...byStep.keys()].filter((step) => step > 0).sort((a, b) => b - a);
  for (const step of later) {
    const after = promptKeys(byStep.get(step)!);
    if ([...before.keys()].every((key) => after.has(key))) return { step, before, after };
  }
  return null;
}

export const isSameAnswer = (a: ProbeSample, b: ProbeSample): boolean => a.text === b.text && a.tokens === b.tokens;

/** How the answers to a run's fixed prompts changed, from before training to the newest complete round. */
export interface AnswerGrowth {
  readonly probes: number;
  readonly step: number; // the newest step compared
  readonly before: number; // mean tokens
  readonly after: number;
  readonly ratio: number; // after / before
  /** Mean paired difference in tokens with its 95 % interval; null with fewer than two probes. */
  readonly difference: MeanInterval | null;
  /** Shares of prompts whose answer ran into the token limit: before, after, and in either round. */
  readonly cutBefore: number;
  readonly cutAfter: number;
  readonly cutEither: number;
  /** How many answers are word for word what they were before training. */
  readonly unchanged: number;
  /** The limit, where an answer reached it. */
  readonly limit: number | null;
  /** How many of the prompts were trained on; null where that was not written down. */
  readonly trained: number | null;
}

export function answerGrowth(samples: readonly ProbeSample[]): AnswerGrowth | null {
  const rounds = answerRounds(samples);
  if (rounds === null) return null;
  const pairs = [...rounds.before].map(([key, b]) => ({ b, a: rounds.after.get(key)! }));
  const before = mean(pairs.map(({ b }) => b.tokens))!;
  const after = mean(pairs.map(({ a }) => a.tokens))!;
  const isCut = (sample: ProbeSample): boolean => sample.finish === 'length';
  const share = (test: (pair: { readonly a: ProbeSample; readonly b: ProbeSample }) => boolean): number =>
    pairs.filter(test).length / pairs.length;
  const cut = pairs.flatMap(({ a, b }) => [a, b]).filter(isCut);
  return {
    probes: pairs.length,
    step: rounds.step,
    before,
    after,
    ratio: before === 0 ? 1 : after / before,
    difference: meanInterval(pairs.map(({ a, b }) => a.tokens - b.tokens)),
    cutBefore: share(({ b }) => isCut(b)),
    cutAfter: share(({ a }) => isCut(a)),
    cutEither: share(({ a, b }) => isCut(a) || isCut(b)),
    unchanged: pairs.filter(({ a, b }) => isSameAnswer(a, b)).length,
    limit: cut.reduce<number | null>((most, s) => Math.max(most ?? 0, s.tokens), null),
    trained: pairs.every(({ a }) => a.trained !== undefined)
      ? pairs.filter(({ a }) => a.trained === true).length
      : null,
  };
}
