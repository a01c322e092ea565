import type { EngineEvent } from '../../shared/ipc/engine-events';

const lookEveryMs = 15_000;
const leastMs = 5 * 60_000;

/**
 * Says once when an engine that trained has said nothing for far longer than a step of it takes. It may be busy (an
 * evaluation of many pairs) or stuck.
 */
export class SilenceWatch {
  private heardAt: number;
  private stepMs = 0;
  private isTold = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly tell: (words: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.heardAt = now();
    this.timer = setInterval(() => this.look(), lookEveryMs);
    this.timer.unref();
  }

  hear(event: EngineEvent): void {
    this.heardAt = this.now();
    this.isTold = false;
    if (event.kind === 'metrics') this.stepMs = Math.max(this.stepMs, event.values['perf/step_ms'] ?? 0);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const silentMs = this.now() - this.heardAt;
    if (this.isTold || silentMs < Math.max(leastMs, 20 * this.stepMs)) return;
    this.isTold = true;
    const steps =
      this.stepMs > 0 ? ` Its longest step so far took ${Math.max(1, Math.round(this.stepMs / 1000))} s.` : '';
    this.tell(
      `The engine has said nothing for ${Math.round(silentMs / 60_000)} minutes.${steps} It may be busy or stuck; ` +
        'Stop asks it to save, and ends it where it does not answer within 5 minutes.',
    );
  }
}
