import { toCsv, type TableData } from '../../state/csv';
import { darkPalette, lightPalette } from '../../theme/palette';
import { drawLegend, wrapText } from './export-legend';
import type { LegendEntry } from './legend';

/** What a picture has to say where no page stands around it. */
export interface ChartWords {
  readonly title?: string;
  /** Whose chart it is: the run, or the runs. */
  readonly subject?: string;
  readonly caption?: string;
}

const svgNamespace = 'http://www.w3.org/2000/svg';
const side = 14;

/**
 * Pictures leave the app in the light theme: they go into documents, and the same run has the same colour in all of
 * them.
 */
const lightOf: ReadonlyMap<string, string> = new Map([
  ...Object.entries(darkPalette).flatMap(([key, dark]) =>
    typeof dark === 'string' ? [[dark, String(lightPalette[key as keyof typeof lightPalette])] as const] : [],
  ),
  ...darkPalette.runs.map((dark, i) => [dark, lightPalette.runs[i] ?? lightPalette.ink] as const),
]);

/** Charts draw with attributes instead of classes, so a copy of the element is the whole plot. */
function inLightTheme(svg: SVGSVGElement, isDark: boolean): void {
  if (!isDark) return;
  for (const element of [svg, ...svg.querySelectorAll('*')]) {
    for (const attribute of ['fill', 'stroke']) {
      const light = lightOf.get(element.getAttribute(attribute) ?? '');
      if (light !== undefined) element.setAttribute(attribute, light);
    }
  }
}

function readLegend(svg: SVGSVGElement, isDark: boolean): readonly LegendEntry[] {
  const entries = JSON.parse(svg.dataset['legend'] ?? '[]') as readonly LegendEntry[];
  return isDark ? entries.map((entry) => ({ ...entry, color: lightOf.get(entry.color) ?? entry.color })) : entries;
}

const element = (name: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement => {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
};

/**
 * The plot with its title, whose it is, its legend and the sentence that reads it: one SVG that can be read alone, with
 * no fonts or styles from outside.
 */
export function standaloneSvg(
  svg: SVGSVGElement,
  words: ChartWords,
): { readonly text: string; readonly width: number; readonly height: number } {
  const [, , boxWidth = 420, boxHeight = 200] = (svg.getAttribute('viewBox') ?? '').split(' ').map(Number);
  const box = { width: boxWidth, height: boxHeight };
  const isDark = svg.dataset['theme'] === 'dark';
  const plot = svg.cloneNode(true) as SVGSVGElement;
  for (const transient of plot.querySelectorAll('[data-transient]')) transient.remove();
  inLightTheme(plot, isDark);
  for (const name of ['style', 'data-chart', 'data-legend', 'data-theme', 'tabindex', 'class'])
    plot.removeAttribute(name);

  const width = box.width + 2 * side;
  const page = element('svg', {
    xmlns: svgNamespace,
    'font-family': svg.getAttribute('font-family') ?? 'sans-serif',
    'font-size': 11,
    role: 'img',
  });
  const { ink, muted, paper } = lightPalette;
  let y = side;
  const lines = (text: string | undefined, size: number, fill: string, weight = 400): void => {
    for (const line of wrapText(text ?? '', box.width / (size * 0.54))) {
      y += size;
      page.append(element('text', { x: side, y, 'font-size': size, fill, 'font-weight': weight }, line));
      y += size * 0.4;
    }
  };
  if (words.title) page.append(element('title', {}, words.title));
  lines(words.title, 14, ink, 600);
  lines(words.subject, 11, muted);
  y = drawLegend(page, readLegend(svg, isDark), { x: side, y: y + 4, width: box.width }, element, muted);
  for (const [name, value] of Object.entries({ x: side, y, width: box.width, height: box.height }))
    plot.setAttribute(name, String(value));
  page.append(plot);
  y += box.height + 4;
  lines(words.caption, 11.5, muted);
  const height = Math.ceil(y + side);
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    page.setAttribute(name, String(value));
  page.prepend(element('rect', { width: '100%', height: '100%', fill: paper }));
  return { text: new XMLSerializer().serializeToString(page), width, height };
}

export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const downloadCsv = (name: string, table: TableData): void =>
  download(`${name}.csv`, new Blob([toCsv(table)], { type: 'text/csv' }));

export const downloadSvg = (name: string, svg: SVGSVGElement, words: ChartWords): void =>
  download(`${name}.svg`, new Blob([standaloneSvg(svg, words).text], { type: 'image/svg+xml' }));

/** Twice the size on screen: sharp in a document. */
export async function downloadPng(name: string, svg: SVGSVGElement, words: ChartWords): Promise<void> {
  const { text, width, height } = standaloneSvg(svg, words);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob !== null) download(`${name}.png`, blob);
}
