import type { Events, SentEvent } from '../../shared/ipc/contract';

/** 20 messages a second are as smooth as charts can be read; a small model makes hundreds of events. */
const batchEveryMs = 50;

/**
 * Sends the first event at once and what follows it within 50 ms as one message: nothing is left out, and the order
 * stays.
 */
export class EventBatches {
  private waiting: SentEvent[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly send: (batch: readonly SentEvent[]) => void) {}

  push<E extends keyof Events>(event: E, payload: Events[E]): void {
    this.waiting.push([event, payload] as unknown as SentEvent);
    if (this.timer === null) this.flush();
  }

  /** For the end of the window: nobody is there to send to. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }

  private flush(): void {
    const batch = this.waiting;
    this.waiting = [];
    this.timer = batch.length === 0 ? null : setTimeout(() => this.flush(), batchEveryMs);
    if (batch.length > 0) this.send(batch);
  }
}
