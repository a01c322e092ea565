import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SilenceWatch } from '../../../../../src-main/app/runs/silence-watch';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';

const minute = 60_000;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(): { readonly told: string[]; readonly silence: SilenceWatch; step(ms?: number): void } {
  const told: string[] = [];
  const silence = new SilenceWatch((words) => void told.push(words));
  const step = (ms?: number): void => {
    const values: Record<string, number> = ms === undefined ? {} : { 'perf/step_ms': ms };
    silence.hear({ kind: 'metrics', step: 1, epoch: 0, values, pairs: [], profile: null });
  };
  return { told, silence, step };
}
const ready: EngineEvent = { kind: 'ready' };

describe('an engine that says nothing', () => {
  it('is told of after five minutes, once, and again after it has spoken', () => {
    const { told, silence } = watch();
    vi.advanceTimersByTime(5 * minute - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([
      'The engine has said nothing for 5 minutes. It may be busy or stuck; Stop asks it to save, and ends it ' +
        'where it does not answer within 5 minutes.',
    ]);
    vi.advanceTimersByTime(60 * minute);
    expect(told).toHaveLength(1);
    silence.hear(ready);
    vi.advanceTimersByTime(5 * minute - 1);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(told).toHaveLength(2);
  });

  it.each([
    [15_000, 5 * minute, 15],
    [16_000, 20 * 16_000 + 10_000, 16], // looked at every 15 s
    [60_000, 20 * minute, 60],
    [600_000, 200 * minute, 600],
    [100, 5 * minute, 1],
  ])('may be silent for twenty of its steps: steps of %i ms, told after %i ms', (stepMs, after, seconds) => {
    const { told, step } = watch();
    for (const ms of [10, stepMs, undefined, 20]) step(ms); // the longest counts
    vi.advanceTimersByTime(after - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([
      `The engine has said nothing for ${Math.round(after / minute)} minutes. Its longest step so far took ` +
        `${seconds} s. It may be busy or stuck; Stop asks it to save, and ends it where it does not answer within 5 ` +
        'minutes.',
    ]);
  });

  it('is not watched after its end, and the watch keeps no program open', () => {
    const unref = vi.spyOn(globalThis, 'setInterval');
    const { told, silence } = watch();
    expect((unref.mock.results[0]!.value as NodeJS.Timeout).hasRef()).toBe(false);
    silence.stop();
    vi.advanceTimersByTime(60 * minute);
    expect(told).toEqual([]);
  });
});
