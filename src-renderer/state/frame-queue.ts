/**
 * Collects items and hands them over once a frame: many events, one render. A hidden window gets no frames, so a timer
 * stands behind.
 */
export function frameQueue<T>(
  deliver: (items: readonly T[]) => void,
  fallbackMs = 250,
): { readonly push: (item: T) => void; readonly stop: () => void } {
  let items: T[] = [];
  let frame: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const clear = (): void => {
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    frame = null;
    timer = null;
  };
  const flush = (): void => {
    clear();
    const batch = items;
    items = [];
    if (batch.length > 0) deliver(batch);
  };
  return {
    push: (item) => {
      items.push(item);
      frame ??= requestAnimationFrame(flush);
      timer ??= setTimeout(flush, fallbackMs);
    },
    stop: () => {
      clear();
      items = [];
    },
  };
}
