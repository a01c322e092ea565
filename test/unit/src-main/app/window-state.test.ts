import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshWindow, onScreen, readWindowState, writeWindowState } from '../../../../src-main/app/window-state';
import { temporaryFolder } from '../../support/runs';

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
    expect(onScreen({ x: 100, y: -500, width: 1200, height: 800 }, [left]).bounds).toBeNull(); // its title bar is above the screen
    expect(onScreen({ x: 1900, y: 100, width: 1200, height: 800 }, [left]).bounds).toBeNull(); // 20 pixels cannot be grasped
    expect(onScreen({ x: 0, y: 25, width: 10, height: 10 }, [left]).size).toEqual({ width: 900, height: 600 });
  });
});
