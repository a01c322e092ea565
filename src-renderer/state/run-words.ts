import { assertNever } from '../../src-main/shared/result';
import type { RunStatus } from '../../src-main/shared/runs/run-status';
import type { RunView } from '../../src-main/shared/views/run';
import { formatCount, formatDuration, formatPace } from './format';
import { completeSpec } from './spec-effect';

export interface StatusWords {
  readonly label: string;
  readonly tone: 'working' | 'waiting' | 'good' | 'warning' | 'bad' | 'quiet';
}

export function statusWords(status: RunStatus): StatusWords {
  switch (status) {
    case 'queued':
      return { label: 'Waiting', tone: 'waiting' };
    case 'preparing':
      return { label: 'Preparing', tone: 'working' };
    case 'running':
      return { label: 'Running', tone: 'working' };
    case 'pausing':
      return { label: 'Pausing', tone: 'waiting' };
    case 'paused':
      return { label: 'Paused', tone: 'waiting' };
    case 'stopping':
      return { label: 'Stopping', tone: 'waiting' };
    case 'stopped':
      return { label: 'Stopped', tone: 'quiet' };
    case 'finished':
      return { label: 'Finished', tone: 'good' };
    case 'failed':
      return { label: 'Failed', tone: 'bad' };
    case 'interrupted':
      return { label: 'Interrupted', tone: 'warning' };
    default:
      return assertNever(status);
  }
}

const phases: Readonly<Record<string, string>> = {
  tokenize: 'Reading and tokenizing pairs',
  reference: 'Scoring every pair with the reference',
  build: 'Building the training graph',
};

/** A graph is built in one go; what comes in hundreds under the same name are the model's weights. */
const phaseWords = (phase: string, total: number): string =>
  phase === 'build' && total > 1 ? 'Loading the model’s weights' : (phases[phase] ?? phase);

/** One line of where a run is that does not wait (run-queue.ts): "step 41 of 74 · 0.42 pairs/s · 2 min left". */
export function progressWords(run: RunView): string {
  const { phase, done, total, step, totalSteps, pairsPerSecond, remainingMs } = run.progress;
  if (run.status === 'preparing' || (phase !== null && run.status === 'running')) {
    const what = phase === null ? 'Starting the engine' : phaseWords(phase, total);
    return total > 1 ? `${what}: ${formatCount(done)} of ${formatCount(total)}` : what;
  }
  const steps =
    totalSteps > 0 ? `step ${formatCount(step)} of ${formatCount(totalSteps)}` : `step ${formatCount(step)}`;
  const round = roundWords(run);
  if (run.status !== 'running') return [steps, ...round].join(' · ');
  if (totalSteps > 0 && step >= totalSteps) return [steps, ...round, 'measuring and saving'].join(' · ');
  const pace = pairsPerSecond === null ? [] : [formatPace(pairsPerSecond)];
  const left = remainingMs === null ? [] : [`${formatDuration(remainingMs)} left`];
  return [steps, ...round, ...pace, ...left].join(' · ');
}

/** Rounds have as many steps each. */
function roundWords({ spec, progress: { step, totalSteps } }: RunView): readonly string[] {
  const { rounds } = completeSpec(spec);
  if (rounds === 1 || totalSteps === 0) return [];
  return [`round ${Math.floor((Math.max(1, step) - 1) / (totalSteps / rounds)) + 1} of ${rounds}`];
}

/** 0 to 1, or null while it cannot be told. */
export function progressShare(run: RunView): number | null {
  const { phase, done, total, step, totalSteps } = run.progress;
  if (run.status === 'preparing' || (phase !== null && run.status === 'running'))
    return total > 0 && done > 0 ? done / total : null; // a bar that stands at nothing looks stuck
  return totalSteps > 0 ? Math.min(1, step / totalSteps) : null;
}

export const runTime = (run: RunView, now: number): number | null =>
  run.startedAt === null ? null : (run.endedAt ?? now) - run.startedAt;

/** A name, or what stands for one. */
export const runName = (run: Pick<RunView, 'name' | 'methodId' | 'datasetName'>): string =>
  run.name !== '' ? run.name : `${run.methodId} on ${run.datasetName}`;
