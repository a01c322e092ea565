import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  freshWindow,
  onScreen,
  readWindowState,
  writeWindowState,
} from '../../../../../src-main/app/electron/window-state';
import { temporaryFolder } from '../../../support/runs';

const left = { x: 0, y: 25, width: 1920, height: 1055 };
const right = { x: 1920, y: 0, width: 2560, height: 1440 };

describe('the place of the window', () => {
  it('comes back as it was written, and nothing else is left beside it', () => {
    const file = path.join(temporaryFolder(), 'window.json');
    const bounds = { x: 2000, y: 100, width: 1500, height: 900 };
    writeWindowState(file, bounds, true);
    expect(readWindowState(file, [left, right])).toEqual({
      bounds,
      size: { width: 1500, height: 900 },
      isMaximized: true,
    });
    expect(readdirSync(path.dirname(file))).toEqual(['window.json']);
  });

  it.each([
    ['no file', null],
    ['no JSON', 'x'],
    ['another version', '{"version":2,"x":0,"y":30,"width":1000,"height":700,"isMaximized":false}'],
    ['no numbers', '{"version":1,"x":"0"}'],
  ] as const)('is the usual one where there is %s', (_what, content) => {
    const file = path.join(temporaryFolder(), 'window.json');
    if (content !== null) writeFileSync(file, content);
    expect(readWindowState(file, [left])).toEqual(freshWindow);
  });

  it('is given up where its monitor is gone, but the size stays as far as it fits', () => {
    expect(onScreen({ x: 2000, y: 100, width: 2300, height: 1300 }, [left])).toEqual({
      bounds: null,
      size: { width: 1920, height: 1055 },
    });
    // its title bar is above the screen
    expect(onScreen({ x: 100, y: -500, width: 1200, height: 800 }, [left]).bounds).toBeNull();
    // 20 pixels cannot be grasped
    expect(onScreen({ x: 1900, y: 100, width: 1200, height: 800 }, [left]).bounds).toBeNull();
    expect(onScreen({ x: 0, y: 25, width: 10, height: 10 }, [left]).size).toEqual({ width: 900, height: 600 });
  });
});

describe('a window on its screen', () => {
  const box = { width: 1000, height: 700 };
  it.each([
    [0 - 1000 + 80, 100, true], // 80 of its pixels are on the screen
    [0 - 1000 + 79, 100, false],
    [1920 - 80, 100, true],
    [1920 - 79, 100, false],
    [100, 25, true],
    [100, 24, false],
    [100, 25 + 1055 - 80, true],
    [100, 25 + 1055 - 79, false],
  ])('at %i, %i can be grasped: %s', (x, y, stays) => {
    expect(onScreen({ x, y, ...box }, [left])).toEqual({ size: box, bounds: stays ? { x, y, ...box } : null });
  });

  it('is on the one that it stands on, and takes its size from that', () => {
    expect(onScreen({ x: 2000, y: 0, width: 2600, height: 1500 }, [left, right])).toEqual({
      bounds: { x: 2000, y: 0, width: 2560, height: 1440 },
      size: { width: 2560, height: 1440 },
    });
    expect(onScreen({ x: 2000, y: 10, ...box }, [left, right]).bounds).toEqual({ x: 2000, y: 10, ...box });
  });

  it('without any screen keeps its size, and is never smaller than it may be', () => {
    expect(onScreen({ x: 1, y: 1, width: 5000, height: 10 }, [])).toEqual({
      bounds: null,
      size: { width: 5000, height: 600 },
    });
    expect(onScreen({ x: 0, y: 0, width: 899, height: 599 }, []).size).toEqual({ width: 900, height: 600 });
  });

  const whole = { version: 1, x: 0, y: 30, width: 1000, height: 700, isMaximized: true };
  it.each<readonly [object, boolean]>([
    [{}, true],
    [{ x: -100_000, y: 100_000 }, true],
    [{ x: -100_001 }, false],
    [{ y: 100_001 }, false],
    [{ x: 0.5 }, false],
    [{ width: 1, height: 1 }, true],
    [{ width: 0 }, false],
    [{ height: 0 }, false],
    [{ width: 100_001 }, false],
    [{ isMaximized: 1 }, false],
    ...Object.keys(whole).map((key) => [{ [key]: undefined }, false] as const),
  ])('is read from a file with %j: %s', (change, isRead) => {
    const file = path.join(temporaryFolder(), 'window.json');
    writeFileSync(file, JSON.stringify({ ...whole, ...change }));
    expect(readWindowState(file, [left]).isMaximized).toBe(isRead);
  });
});
