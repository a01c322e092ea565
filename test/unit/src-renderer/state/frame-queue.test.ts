import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { frameQueue } from '../../../../src-renderer/state/frame-queue';

describe('frameQueue', () => {
  let frames: (() => void)[] = [];
  beforeEach(() => {
    frames = [];
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
    vi.stubGlobal('cancelAnimationFrame', () => {
      frames = [];
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const frame = (): void => {
    for (const callback of frames.splice(0)) callback();
  };

  it('hands over everything of a frame at once, in order', () => {
    const seen: (readonly number[])[] = [];
    const queue = frameQueue<number>((items) => seen.push(items));
    queue.push(1);
    queue.push(2);
    expect(seen).toEqual([]);
    frame();
    queue.push(3);
    frame();
    expect(seen).toEqual([[1, 2], [3]]);
  });
  it('does not wait for frames that a hidden window never gets', () => {
    const seen: (readonly number[])[] = [];
    const queue = frameQueue<number>((items) => seen.push(items), 250);
    queue.push(1);
    vi.advanceTimersByTime(250);
    expect(seen).toEqual([[1]]);
    frame();
    expect(seen).toEqual([[1]]);
  });
  it('hands over nothing after it was stopped', () => {
    const seen: (readonly number[])[] = [];
    const queue = frameQueue<number>((items) => seen.push(items));
    queue.push(1);
    queue.stop();
    frame();
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual([]);
  });
});
