// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { standaloneSvg } from '../../../../src-renderer/components/charts/export-chart';
import { wrapText } from '../../../../src-renderer/components/charts/export-legend';
import { darkPalette, lightPalette } from '../../../../src-renderer/theme/palette';

function chart(palette: typeof lightPalette, theme: 'light' | 'dark'): SVGSVGElement {
  const host = document.createElement('div');
  const legend = JSON.stringify([
    { id: 'a', label: 'DPO <one>', color: palette.runs[0], dash: '7 4' },
    { id: 'b', label: 'SamPO', color: palette.runs[1], mark: 'dot', value: 'r = 0.60' },
  ]);
  host.innerHTML =
    `<svg data-chart="" data-theme="${theme}" viewBox="0 0 400 200" style="cursor: crosshair" ` +
    `font-family="sans-serif"><path d="M0,0" stroke="${palette.runs[0]}" fill="none"/><text ` +
    `fill="${palette.muted}">step</text><g data-transient="">now</g></svg>`;
  const svg = host.querySelector('svg')!;
  svg.setAttribute('data-legend', legend);
  return svg;
}

describe('a saved chart', () => {
  it('can be read alone: title, whose it is, legend, sentence, paper', () => {
    const { text, width, height } = standaloneSvg(chart(lightPalette, 'light'), {
      title: 'Does it learn & hold?',
      subject: 'run on data',
      caption: 'Loss fell.',
    });
    for (const part of [
      'Does it learn &amp; hold?',
      'run on data',
      'DPO &lt;one&gt;',
      'SamPO r = 0.60',
      'Loss fell.',
      `fill="${lightPalette.paper}"`,
      '7 4',
      '>step<',
    ])
      expect(text).toContain(part);
    expect(text).not.toMatch(/data-|style=|now<|url\(http/);
    expect(width).toBe(428);
    expect(height).toBeGreaterThan(270);
  });
  it('is the same picture from the dark theme', () => {
    const words = { title: 't', caption: 'c' };
    const dark = standaloneSvg(chart(darkPalette, 'dark'), words).text;
    expect(dark).toBe(standaloneSvg(chart(lightPalette, 'light'), words).text);
    for (const colour of [...darkPalette.runs.slice(0, 2), darkPalette.paper]) expect(dark).not.toContain(colour);
  });
  it('leaves the chart on screen as it was', () => {
    const svg = chart(darkPalette, 'dark');
    const before = svg.outerHTML;
    standaloneSvg(svg, {});
    expect(svg.outerHTML).toBe(before);
  });
  it('wraps words without losing any', () => {
    expect(wrapText('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrapText('averyverylongword a', 5)).toEqual(['averyverylongword', 'a']);
    expect(wrapText('', 5)).toEqual([]);
  });
});
