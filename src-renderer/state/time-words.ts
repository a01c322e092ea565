import type { RunForecastView } from '../../src-main/shared/views/run';
import { runTime, type MeasuredSpeed, type RunTime } from '../../src-main/shared/runs/run-time';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { formatDuration, formatPace } from './format';
import { referenceMode, runsReference } from './spec-effect';

/** The time of the run that a forecast describes, from a short measurement. */
export function estimatedTime(spec: RunSpec, forecast: RunForecastView, speed: MeasuredSpeed): RunTime {
  return runTime(speed, {
    steps: forecast.steps,
    rounds: spec.rounds,
    trainPairs: forecast.usablePairs - forecast.evalPairs,
    heldPairs: forecast.evalPairs,
    evalEvery: spec.training.evalEvery,
    probes: forecast.probes,
    probeEvery: spec.probes.everySteps,
    // answers are about as long as the ones it learns from
    probeTokens: Math.min(spec.probes.maxNewTokens, Math.max(1, forecast.medianAnswerTokens)),
    hasReference: referenceMode(spec) !== 'none' && !runsReference(spec),
  });
}

export const measuredPace = ({ pairsPerStep, stepMs }: MeasuredSpeed): string =>
  formatPace((1000 * pairsPerStep) / stepMs);

const partNames: Readonly<Record<keyof RunTime['parts'], string>> = {
  start: 'reading and building',
  reference: 'reference pass',
  steps: 'steps',
  heldOut: 'held-out pairs',
  probes: 'probe answers',
};

/** "steps 8 min, reference pass 2 min": the longest first, what takes less than a second or a fiftieth left out. */
export function timeParts({ parts, totalMs }: RunTime): string {
  const shown = Object.entries(parts)
    .filter(([, ms]) => ms >= 1000 && ms > 0.02 * totalMs)
    .sort(([, a], [, b]) => b - a);
  return shown.map(([name, ms]) => `${partNames[name as keyof typeof parts]} ${formatDuration(ms)}`).join(', ');
}
