import type { LegendEntry } from './legend';

/** Lines of at most so many characters, broken at spaces; a longer word stands alone. SVG has no text that wraps. */
export function wrapText(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

type MakeElement = (name: string, attributes: Readonly<Record<string, string | number>>, text?: string) => SVGElement;

const lineHeight = 17;
const letter = 6;
const gap = 18;

/** Entries side by side, wrapped to the width; returns where the next thing may begin. */
export function drawLegend(
  page: SVGElement,
  entries: readonly LegendEntry[],
  at: { readonly x: number; readonly y: number; readonly width: number },
  element: MakeElement,
  ink: string,
): number {
  if (entries.length === 0) return at.y;
  let { x } = at;
  let y = at.y + lineHeight - 5;
  for (const { label, color, dash = '', mark = 'line', value } of entries) {
    const most = Math.floor((at.width - 34) / letter);
    const whole = value === undefined || value === null ? label : `${label} ${value}`;
    const text = whole.length <= most ? whole : `${whole.slice(0, most - 1).trimEnd()}…`;
    const size = 28 + text.length * letter;
    if (x > at.x && x + size > at.x + at.width) {
      x = at.x;
      y += lineHeight;
    }
    if (mark === 'line')
      page.append(
        element('line', {
          x1: x,
          x2: x + 22,
          y1: y - 4,
          y2: y - 4,
          stroke: color,
          'stroke-width': 2,
          'stroke-dasharray': dash,
        }),
      );
    else if (mark === 'box')
      page.append(element('rect', { x: x + 10, y: y - 9, width: 10, height: 10, fill: color, 'fill-opacity': 0.75 }));
    else
      page.append(
        element('circle', {
          cx: x + 15,
          cy: y - 4,
          r: 3.5,
          fill: mark === 'dot' ? color : 'none',
          stroke: color,
          'stroke-width': 1.5,
        }),
      );
    page.append(element('text', { x: x + 27, y, fill: ink }, text));
    x += size + gap;
  }
  return y + 8;
}
