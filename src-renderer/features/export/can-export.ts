import { isTerminal } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';

/** A run that is over (or paused) and has made at least one step has weights to export. */
export const canExport = (run: RunView): boolean =>
  (isTerminal(run.status) || run.status === 'paused') && run.progress.step > 0;
