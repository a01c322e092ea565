import { tick } from '../jobs/signals';
import type { LoopContext } from './loop';
import { batchMetrics, evalPrefix, lengthMetrics, pairPoint } from './metrics';
import type { ScoredPair } from './scoring';
import { evaluatePairs } from './step';

/** Scores all held-out pairs, reports them under `eval_` and returns their loss; null: interrupted, nothing reported. Sampled methods are scored with expected weights (objective.ts says why). */
export async function evalMetrics(context: LoopContext, step: number): Promise<number | null> {
  const { objective, plan } = context;
  const scored: ScoredPair[] = [];
  for (const part of evaluatePairs(context, context.held)) {
    scored.push(...part);
    await tick();
    if (context.signals.wish !== null) return null;
  }
  scored.sort((a, b) => a.pair.row - b.pair.row); // sums in an order that does not depend on buckets
  const points = scored.map((s) => pairPoint(s, step, 'eval', objective.parameters.beta));
  const values = { ...batchMetrics(scored, points, objective.supervised), ...(objective.supervised ? {} : lengthMetrics(points)) };
  context.emit({ kind: 'metrics', step, epoch: step / plan.stepsPerEpoch, values: evalPrefix(values), pairs: objective.supervised ? [] : points, profile: null });
  return values.loss!;
}
