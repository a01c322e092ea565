import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface WindowState {
  /** Where the window stands when it is not maximized; null: wherever the system puts it. */
  readonly bounds: Bounds | null;
  readonly size: Pick<Bounds, 'width' | 'height'>;
  readonly isMaximized: boolean;
}

export const smallestWindow = { width: 900, height: 600 } as const;
export const freshWindow: WindowState = { bounds: null, size: { width: 1280, height: 860 }, isMaximized: false };

const pixels = z.number().int().min(-100_000).max(100_000);
const saved = z.object({
  version: z.literal(1),
  x: pixels,
  y: pixels,
  width: pixels.min(1),
  height: pixels.min(1),
  isMaximized: z.boolean(),
});

/** How the window stood when it was closed; a file that is missing, broken or from another version is as none. */
export function readWindowState(file: string, displays: readonly Bounds[]): WindowState {
  try {
    const { isMaximized, x, y, width, height } = saved.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { ...onScreen({ x, y, width, height }, displays), isMaximized };
  } catch {
    return freshWindow;
  }
}

export function writeWindowState(file: string, { x, y, width, height }: Bounds, isMaximized: boolean): void {
  const temporary = `${file}.tmp-${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ version: 1, x, y, width, height, isMaximized }));
  renameSync(temporary, file);
}

/**
 * A monitor may be gone since: the title bar must be where a person can reach it, and the window no larger than its
 * screen.
 */
export function onScreen(
  { x, y, width, height }: Bounds,
  displays: readonly Bounds[],
): Pick<WindowState, 'bounds' | 'size'> {
  const reach = 80;
  const home = displays.find(
    (d) => x + width >= d.x + reach && x <= d.x + d.width - reach && y >= d.y && y <= d.y + d.height - reach,
  );
  const within = home ?? displays[0];
  const fit = (length: number, least: number, most: number): number => Math.max(least, Math.min(length, most));
  const size = {
    width: fit(width, smallestWindow.width, within?.width ?? width),
    height: fit(height, smallestWindow.height, within?.height ?? height),
  };
  return { size, bounds: home ? { x, y, ...size } : null };
}
