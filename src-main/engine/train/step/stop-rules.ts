import { z } from 'zod';
import type { DeepReadonly } from '../../../shared/deep-readonly';
import { defaultsOf, type MethodSpec } from '../../../shared/spec/method-spec';
import type { RunSpec } from '../../../shared/spec/run-spec';
import { throwFailure } from '../../../shared/result';
import type { ScoredPair } from '../../program/scoring';

/** What a run remembers to decide whether it goes on; part of every checkpoint, so that a resumed run decides alike. */
export const watchSchema = z.object({
  /** The lowest loss on held-out pairs so far. */
  best: z.object({ step: z.number(), loss: z.number() }).nullable(),
  /** Evaluations in a row that did not improve on it. */
  staleEvaluations: z.number(),
  /** The first step's loss, before anything was learned. */
  firstLoss: z.number().nullable(),
  /** Steps in a row with a loss far above it. */
  explodedSteps: z.number(),
});
export type Watch = DeepReadonly<z.output<typeof watchSchema>>;

export const freshWatch: Watch = { best: null, staleEvaluations: 0, firstLoss: null, explodedSteps: 0 };

type EarlyStopping = RunSpec['training']['earlyStopping'];

/**
 * As transformers' EarlyStoppingCallback counts: any lower loss is the best one, and only one lower by more than
 * `minDelta` ends the wait.
 */
export function afterEvaluation(watch: Watch, loss: number, step: number, earlyStopping: EarlyStopping): Watch {
  const { best } = watch;
  const improved = best === null || loss < best.loss - (earlyStopping?.minDelta ?? 0);
  return {
    ...watch,
    best: best === null || loss < best.loss ? { step, loss } : best,
    staleEvaluations: improved ? 0 : watch.staleEvaluations + 1,
  };
}

export const isExhausted = ({ staleEvaluations }: Watch, earlyStopping: EarlyStopping): boolean =>
  earlyStopping !== null && staleEvaluations >= earlyStopping.patience;

/** So many bad steps in a row are no accident of a batch. */
const explodedStepsAllowed = 5;

/**
 * Far above any loss that training passes through: DPO starts at 0.69 and is refused beyond 5.7, a language model that
 * starts at 2.5 nats beyond 15, IPO that starts at 25 beyond 150.
 */
const explodedBound = (firstLoss: number): number => firstLoss + 5 * Math.max(1, Math.abs(firstLoss));

/** Follows the loss of every step; ends a run that has blown up, naming the rows of the step that was one too many. */
export function afterStep(watch: Watch, loss: number, step: number, scored: readonly ScoredPair[]): Watch {
  const firstLoss = watch.firstLoss ?? loss;
  const bound = explodedBound(firstLoss);
  const explodedSteps = loss > bound ? watch.explodedSteps + 1 : 0;
  if (explodedSteps >= explodedStepsAllowed) {
    const rows = [...scored].sort((a, b) => b.loss - a.loss).map((s) => s.pair.row);
    throwFailure(
      'engine-failed',
      `The loss has exploded: ${shown(loss)} at step ${step}, above ${shown(bound)} for ${explodedSteps} steps in ` +
        `a row, and ${shown(firstLoss)} at the start (${rowList(rows)}, worst first).`,
      'Start a new run with a lower learning rate (a tenth is a good first try), more warm-up or clipping on; if ' +
        'it happens again at these rows, look at them. The checkpoint saved before the loss rose is intact.',
      { step, rows, loss, firstLoss, bound },
    );
  }
  return { ...watch, firstLoss, explodedSteps };
}

/** Before the first update no learning rate can be the cause: then it is the method's own numbers, or the pairs. */
export function nonFiniteHint(method: MethodSpec, step: number): string {
  const usual = defaultsOf(method.id);
  const far = (['beta', 'tau', 'alpha', 'lambda', 'gamma', 'sftWeight'] as const)
    .filter((name) => method[name] !== undefined && method[name] !== usual[name])
    .map((name) => `method.${name} (${method[name]}, by default ${usual[name]})`);
  if (method.fDivergence.type !== usual.fDivergence.type) far.push(`method.fDivergence (${method.fDivergence.type})`);
  const own = far.length === 0 ? null : `bring ${far.join(' and ')} nearer to the default`;
  const rate = 'lower the learning rate, switch clipping on';
  const ways = [...(step === 1 ? [] : [rate]), ...(own === null ? [] : [own])].join(', or ');
  const first = ways === '' ? 'look at these rows' : `${ways}, or look at these rows`;
  return `${first[0]!.toUpperCase()}${first.slice(1)}${step === 1 ? '.' : '; the last checkpoint is intact.'}`;
}

const shown = (x: number): string => Number(x.toPrecision(4)).toString();

/** The rows of a batch in words; a long list is cut, the details hold all. */
export function rowList(rows: readonly number[]): string {
  const most = 8;
  const named = rows.slice(0, most).join(', ');
  return (
    `${rows.length === 1 ? 'row' : 'rows'} ${named}${rows.length > most ? ` and ${rows.length - most} more` : ''} ` +
    'of the dataset'
  );
}
