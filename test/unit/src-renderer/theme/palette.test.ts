import { describe, expect, it } from 'vitest';
import {
  darkPalette,
  lightPalette,
  runDashes,
  runStyle,
  runStyles,
  type DataPalette,
} from '../../../../src-renderer/theme/palette';

/** WCAG 2.2 relative luminance and contrast. */
function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
};

describe.each([
  ['light', lightPalette],
  ['dark', darkPalette],
] as const)('%s palette', (_, p: DataPalette) => {
  it('has text of at least 4.5:1', () => {
    const pairs: readonly (readonly [string, string])[] = [
      [p.ink, p.paper],
      [p.ink, p.page],
      [p.muted, p.paper],
      [p.muted, p.page],
      [p.muted, p.neutralSoft],
      [p.chosenText, p.paper],
      [p.rejectedText, p.paper],
      [p.chosenText, p.chosenSoft],
      [p.good, p.goodSoft],
      [p.warning, p.warningSoft],
      [p.bad, p.badSoft],
      [p.ink, p.goodSoft],
      [p.ink, p.warningSoft],
      [p.ink, p.badSoft],
      [p.ink, p.chosenSoft],
      [p.ink, p.rejectedSoft],
      [p.muted, p.goodSoft],
      [p.muted, p.warningSoft],
      [p.muted, p.badSoft],
      [p.muted, p.chosenSoft],
      [p.muted, p.rejectedSoft],
    ];
    for (const [text, ground] of pairs)
      expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });
  it('has marks of at least 3:1', () => {
    for (const mark of [p.chosen, p.rejected, p.neutral, p.ink, ...p.runs])
      expect(contrast(mark, p.paper), mark).toBeGreaterThanOrEqual(3);
  });
});

describe('runs', () => {
  const numbered = (...ordinals: readonly number[]) => ordinals.map((ordinal) => ({ ordinal }));
  const looks = (ordinals: readonly number[]): readonly string[] =>
    runStyles(lightPalette, numbered(...ordinals)).map(({ color, dash }) => `${color} ${dash}`);
  it('made after one another look different, in colour and in dash, up to the eight that can be compared', () => {
    const styles = [1, 2, 3, 4, 5, 6, 7, 8].map((ordinal) => runStyle(lightPalette, { ordinal }));
    expect(new Set(styles.map(({ color }) => color)).size).toBe(8);
    expect(new Set(styles.map(({ dash }) => dash)).size).toBe(8);
    expect(runStyles(lightPalette, numbered(1, 2, 3, 4, 5, 6, 7, 8))).toEqual(styles);
    expect(runDashes).toHaveLength(lightPalette.runs.length);
    expect(darkPalette.runs).toHaveLength(lightPalette.runs.length);
  });
  it('keep their look wherever and beside whomever they are seen', () => {
    const own = runStyle(lightPalette, { ordinal: 12 });
    expect(runStyles(lightPalette, numbered(12, 3))[0]).toEqual(own);
    expect(runStyles(lightPalette, numbered(3, 12))[1]).toEqual(own);
    expect(runStyles(lightPalette, numbered(5, 13, 12, 40))[2]).toEqual(own);
    expect(runStyle(darkPalette, { ordinal: 12 }).dash).toBe(own.dash);
  });
  it('never look alike in one comparison; the older one keeps its own', () => {
    expect(new Set(looks([1, 9, 17, 25, 33, 41, 49, 57])).size).toBe(8);
    expect(looks([9, 1])[1]).toBe(looks([1])[0]);
    expect(looks([9, 1])[0]).not.toBe(looks([1])[0]);
    expect(looks([2, 9, 1])).toEqual([looks([2])[0], looks([3])[0], looks([1])[0]]);
  });
});
