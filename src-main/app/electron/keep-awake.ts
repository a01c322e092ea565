import { powerSaveBlocker } from 'electron';
import type { RunId } from '../../shared/ids';
import { isActive } from '../../shared/runs/run-status';
import type { RunRecord } from '../../store/runs';

/** Keeps the machine from falling asleep while a run is at work; the screen may go dark. */
export class KeepAwake {
  private readonly working = new Set<RunId>();
  private blocker: number | null = null;

  see({ id, status }: Pick<RunRecord, 'id' | 'status'>): void {
    if (isActive(status)) this.working.add(id);
    else this.working.delete(id);
    if (this.working.size > 0) this.blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (this.blocker !== null) {
      powerSaveBlocker.stop(this.blocker);
      this.blocker = null;
    }
  }
}
