import { describe, expect, it } from 'vitest';
import { darkPalette, lightPalette, runDashes, runStyle, type DataPalette } from '../../../../src-renderer/theme/palette';

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

describe.each([['light', lightPalette], ['dark', darkPalette]] as const)('%s palette', (_, p: DataPalette) => {
  it('has text of at least 4.5:1', () => {
    const pairs: readonly (readonly [string, string])[] = [
      [p.ink, p.paper], [p.ink, p.page], [p.muted, p.paper], [p.muted, p.page], [p.muted, p.neutralSoft], [p.chosenText, p.paper], [p.rejectedText, p.paper], [p.chosenText, p.chosenSoft], [p.good, p.goodSoft], [p.warning, p.warningSoft], [p.bad, p.badSoft],
      [p.ink, p.goodSoft], [p.ink, p.warningSoft], [p.ink, p.badSoft], [p.ink, p.chosenSoft], [p.ink, p.rejectedSoft], [p.muted, p.goodSoft], [p.muted, p.warningSoft], [p.muted, p.badSoft], [p.muted, p.chosenSoft], [p.muted, p.rejectedSoft],
    ];
    for (const [text, ground] of pairs) expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });
  it('has marks of at least 3:1', () => {
    for (const mark of [p.chosen, p.rejected, p.neutral, p.ink, ...p.runs]) expect(contrast(mark, p.paper), mark).toBeGreaterThanOrEqual(3);
  });
});

describe('runs', () => {
  it('get a style of their own, up to the eight that can be compared', () => {
    const styles = Array.from({ length: 8 }, (_, i) => runStyle(lightPalette, i)).map(({ color, dash }) => `${color} ${dash}`);
    expect(new Set(styles).size).toBe(8);
    expect(new Set(runDashes).size).toBe(8);
  });
});
