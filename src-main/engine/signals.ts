import { throwFailure } from '../shared/result';

/**
 * What the parent asked for since the job began. The engine blocks its process while it computes, so jobs look here
 * between calls, after a `tick`.
 */
export interface Signals {
  readonly wish: 'pause' | 'stop' | null;
}

export class SignalBox implements Signals {
  wish: Signals['wish'] = null;

  /** Stop outranks pause: a paused run can still be stopped. */
  ask(wish: 'pause' | 'stop'): void {
    if (this.wish !== 'stop') this.wish = wish;
  }
}

/** Lets messages in: a macrotask, since resolved promises alone never leave the turn of the event loop. */
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** For jobs that have nothing to save. */
export async function tickOrStop(signals: Signals): Promise<void> {
  await tick();
  if (signals.wish !== null)
    throwFailure('stopped', 'Stopped before it was done.', 'Start it again when you want the result.');
}
