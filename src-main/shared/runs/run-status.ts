/** The life of a run. A run found `running` (or preparing, pausing, stopping) at start-up becomes `interrupted`. */
export const runStatuses = [
  'queued',
  'preparing',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'finished',
  'failed',
  'interrupted',
] as const;
export type RunStatus = (typeof runStatuses)[number];

const terminal: ReadonlySet<RunStatus> = new Set(['stopped', 'finished', 'failed', 'interrupted']);
const resumable: ReadonlySet<RunStatus> = new Set(['paused', 'stopped', 'failed', 'interrupted']);

export const isTerminal = (status: RunStatus): boolean => terminal.has(status);
export const isResumable = (status: RunStatus): boolean => resumable.has(status);
/** A process is (or should be) at work on it. */
export const isActive = (status: RunStatus): boolean => !terminal.has(status) && status !== 'paused';
