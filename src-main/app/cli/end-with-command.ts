import { isOwnerAlive, processOwner } from '../engines/process-owner';

/**
 * `npx sampo` starts this process on the app's runtime and passes signals on. Killed outright it cannot: then nobody
 * waits for an answer any more, and a run's journal and checkpoints hold what there is. `given` is its pid; none:
 * nothing to watch.
 */
export function endWithCommand(given: string | undefined, end: () => void = () => process.exit(137)): void {
  if (given === undefined || !/^\d+$/.test(given)) return;
  const command = processOwner(Number(given));
  const parent = process.ppid; // a dead process that nobody looked after still has its number, but no children
  const timer = setInterval(() => {
    if (isOwnerAlive(command) && process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 250);
  timer.unref();
}
