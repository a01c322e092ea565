import { app, dialog, type BrowserWindow } from 'electron';
import type { ClosingView } from '../../shared/views/app';
import { log } from '../../shared/log';
import type { Services } from '../services';

/**
 * The way out. The run at work is asked to save, while the window stays and says so; it may be ended without saving,
 * and the engine's own limit ends one that never answers. A program started meanwhile is not forgotten: it starts when
 * this one is gone.
 */
export class Closing {
  private state: 'open' | 'saving' | 'saved' = 'open';
  private startsAgain = false;

  constructor(
    private readonly services: Services,
    private readonly tell: (view: ClosingView) => void,
  ) {
    app.on('before-quit', (event) => {
      if (this.state === 'saved') return;
      event.preventDefault();
      if (this.state === 'open') void this.save();
    });
    // One Ctrl-C arrives several times (the terminal, npm and our starter pass it on), and Electron itself is patient
    // only once.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  }

  /** True once the app is on its way out: a second start then waits for its end. */
  isUnderWay(): boolean {
    return this.state !== 'open';
  }

  /** The window stays until the run at work is saved: what is shown in it is the only sign of that. */
  watch(window: BrowserWindow): void {
    window.on('close', (event) => {
      if (this.state === 'saved' || (this.state === 'open' && this.services.runs.atWork() === null)) return;
      event.preventDefault();
      app.quit();
    });
    window.on('unresponsive', () => {
      if (this.state === 'saving') void this.askInstead(window);
    });
  }

  startAgainAfterwards(): void {
    if (this.startsAgain) return; // each word of it would start one more
    this.startsAgain = true;
    log.info('app', 'was started again while it closes: starts once it is closed');
    app.relaunch();
  }

  endNow(): void {
    if (this.state !== 'saving') return;
    log.warn('app', 'the run at work is ended without saving');
    this.services.runs.endNow();
  }

  private async save(): Promise<void> {
    this.state = 'saving';
    const atWork = this.services.runs.atWork();
    log.info('app', atWork ? `closes: ${atWork.id} is saved first` : 'closes');
    if (atWork) this.tell({ runName: atWork.name, step: atWork.step, savedStep: atWork.savedStep });
    await this.services.runs
      .shutDown()
      .catch((thrown: unknown) => log.error('app', 'the run at work could not be saved', thrown));
    this.state = 'saved';
    this.services.close();
    app.quit();
  }

  /** The page does not answer either. */
  private async askInstead(window: BrowserWindow): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'Saving the run',
      detail: 'The run at work is still being saved.',
      buttons: ['Wait', 'End without saving'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response === 1) this.endNow();
  }
}
