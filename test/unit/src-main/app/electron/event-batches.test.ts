import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventBatches } from '../../../../../src-main/app/electron/event-batches';
import type { RunId } from '../../../../../src-main/shared/ids';
import type { SentEvent } from '../../../../../src-main/shared/ipc/contract';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const progress = (done: number) => ({ runId: 'r_1' as RunId, done, total: 2000 });

describe('events on their way to the page', () => {
  it('are at most some 20 messages a second, with nothing lost and the order kept', async () => {
    const batches: (readonly SentEvent[])[] = [];
    const line = new EventBatches((batch) => void batches.push(batch));
    for (let done = 0; done < 2000; done++) {
      line.push(
        done % 7 === 0 ? 'runs:removed' : 'exports:progress',
        (done % 7 === 0 ? { id: `${done}` } : progress(done)) as never,
      );
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(batches.length).toBeLessThanOrEqual(42); // 2.1 seconds
    expect(batches.length).toBeGreaterThan(35);
    const all = batches
      .flat()
      .map(([event, payload]) => (event === 'runs:removed' ? Number(payload.id) : (payload as { done: number }).done));
    expect(all).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  it('go at once where nothing went just before', async () => {
    const send = vi.fn();
    const line = new EventBatches(send);
    line.push('exports:progress', progress(1));
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(vi.getTimerCount()).toBe(0);
    line.push('exports:progress', progress(2));
    expect(send.mock.calls).toEqual([[[['exports:progress', progress(1)]]], [[['exports:progress', progress(2)]]]]);
  });

  it('end with the window', async () => {
    const send = vi.fn();
    const line = new EventBatches(send);
    line.push('exports:progress', progress(1));
    line.push('exports:progress', progress(2));
    line.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(send).toHaveBeenCalledTimes(1);
  });
});
