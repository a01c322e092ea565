import { tick } from '../../signals';
import type { RunSpec } from '../../../shared/spec/run-spec';
import { evalMetrics } from './evaluate';
import type { LoopContext, LoopState } from './loop-types';
import { lengthMetrics } from '../report/length-metrics';
import { batchMetrics, pairPoint, positionProfile, tokensSeen } from '../report/metrics';
import { epochOf, roundOf, stepInRound, stepSelector } from './order';
import { learningRateAt } from './schedule';
import { afterEvaluation, afterStep, isExhausted, type Watch } from '../step/stop-rules';
import { trainStep } from '../step/step';

export interface LoopOutcome {
  readonly outcome: 'finished' | 'paused' | 'stopped';
  readonly checkpointPath: string;
}

/**
 * Trains to the last step, until held-out loss no longer improves, or until somebody asks to pause or stop. Reports
 * come at the head of the turn, so that a run paused there makes them when it resumes.
 */
export async function trainLoop(context: LoopContext, state: LoopState): Promise<LoopOutcome> {
  const { spec, plan, train, signals } = context;
  const { training } = spec;
  const selectPairs = stepSelector(train.length, plan, training);
  const profileEvery = Math.max(1, Math.floor(plan.totalSteps / 100));
  let saved = context.resumed;
  const save = async (): Promise<string> => {
    if (saved?.step !== state.step) saved = { step: state.step, path: await context.save(state) };
    return saved.path;
  };

  for (;;) {
    await tick();
    if (signals.wish !== null)
      return { outcome: signals.wish === 'pause' ? 'paused' : 'stopped', checkpointPath: await save() };
    const last = state.step >= plan.totalSteps || isExhausted(state.watch, training.earlyStopping);
    await report(context, state, last);
    if (signals.wish !== null) continue; // it came while reporting
    if (last) return { outcome: 'finished', checkpointPath: await save() };
    // that evaluation was one too many: the same turn again, as the last one
    if (isExhausted(state.watch, training.earlyStopping)) continue;
    if (isDueToSave(state, training)) await save();

    const step = state.step + 1;
    if (roundOf(step, plan) !== state.round) {
      await save(); // the round's result, from which an interrupted start of the next one begins again
      if (!(await context.startRound(roundOf(step, plan), state))) continue;
    }
    const started = performance.now();
    const epoch = epochOf(step, plan);
    const pairs = selectPairs(step).map((index) => train[index]!);
    const update = stepInRound(step, plan);
    const learningRate = learningRateAt(training, update - 1, plan.stepsPerRound);
    const result = await trainStep(context, pairs, { step, epoch, update, learningRate }, state.memory, async () => {
      await tick();
      return signals.wish !== null;
    });
    if (result === null) continue;
    const { scored, gradNorm } = result;

    const { supervised, method } = context.objective;
    const points = scored.map((s) => pairPoint(s, step, 'train', method));
    state.step = step;
    state.memory = result.memory;
    context.afterStep(step);
    state.numTokens += tokensSeen(pairs, supervised);
    if (!supervised) state.window.push(points);
    const stepMs = performance.now() - started;
    const values = batchMetrics(scored, points, context.objective);
    context.emit({
      kind: 'metrics',
      step,
      epoch: step / plan.stepsPerEpoch,
      values: {
        ...values,
        grad_norm: gradNorm,
        learning_rate: learningRate,
        epoch: step / plan.stepsPerEpoch,
        num_tokens: state.numTokens,
        ...(supervised ? {} : lengthMetrics(state.window.points)),
        'perf/step_ms': stepMs,
        'perf/pairs_per_second': (1000 * pairs.length) / stepMs,
        'perf/rss_bytes': process.memoryUsage.rss(),
      },
      pairs: supervised ? [] : points,
      profile:
        supervised || (step > 1 && step % profileEvery !== 0)
          ? null
          : positionProfile(scored, step, context.profileBin),
    });
    // after the report, so that charts show what happened
    state.watch = afterStep(state.watch, values.loss!, step, scored);
  }
}

/**
 * Every so many steps and at each new best, but not while the loss is out of bounds: weights from there must not push
 * good ones out.
 */
function isDueToSave({ step, watch }: LoopState, { checkpointEvery, keepBest }: RunSpec['training']): boolean {
  return (
    step > 0 && watch.explodedSteps === 0 && (step % checkpointEvery === 0 || (keepBest && watch.best?.step === step))
  );
}

/**
 * Evaluation and probes, where they are due and not out yet. Step 0 has probes only: before training, rewards are zero
 * by definition.
 */
async function report(context: LoopContext, state: LoopState, last: boolean): Promise<void> {
  const { step } = state;
  const { training, probes } = context.spec;
  const isDue = (every: number): boolean => last || step % every === 0;
  if (step > 0 && context.held.length > 0 && isDue(training.evalEvery) && state.evaluatedStep < step) {
    const loss = await evalMetrics(context, state);
    if (loss === null) return;
    state.evaluatedStep = step;
    state.watch = afterEvaluation(state.watch, loss, step, training.earlyStopping);
    if (isExhausted(state.watch, training.earlyStopping))
      context.emit({ kind: 'problem', message: exhaustedSentence(state.watch) });
  }
  if (isDue(probes.everySteps) && state.probedStep < step && (await context.probe(step))) state.probedStep = step;
}

const exhaustedSentence = ({ best, staleEvaluations }: Watch): string =>
  `The loss on held-out pairs has not improved for ${staleEvaluations} evaluations (best: ` +
  `${best!.loss.toPrecision(4)} at step ${best!.step}), so the run ends here, as early stopping asks.`;
