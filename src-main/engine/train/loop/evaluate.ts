import { tick } from '../../signals';
import type { LoopContext, LoopState } from './loop-types';
import { lengthMetrics } from '../report/length-metrics';
import { batchMetrics, evalPrefix, pairPoint } from '../report/metrics';
import { evaluatePairs } from '../step/step';

/**
 * Scores all held-out pairs, reports them under `eval_` and returns their loss; null: interrupted, nothing reported.
 * Sampled methods are scored with expected weights (objective.ts says why). The pairs count as one batch, so losses
 * that couple the pairs of a batch couple all of them.
 */
export async function evalMetrics(context: LoopContext, state: LoopState): Promise<number | null> {
  const { objective, plan } = context;
  const { step } = state;
  const result = await evaluatePairs(context, context.held, state.memory, async () => {
    await tick();
    return context.signals.wish !== null;
  });
  if (result === null) return null;
  const { scored } = result;
  state.memory = result.memory;
  const points = scored.map((s) => pairPoint(s, step, 'eval', objective.method));
  const values = { ...batchMetrics(scored, points, objective), ...(objective.supervised ? {} : lengthMetrics(points)) };
  context.emit({
    kind: 'metrics',
    step,
    epoch: step / plan.stepsPerEpoch,
    values: evalPrefix(values),
    pairs: objective.supervised ? [] : points,
    profile: null,
  });
  return values.loss!;
}
