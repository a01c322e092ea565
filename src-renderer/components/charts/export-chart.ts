import { toCsv, type TableData } from '../../state/csv';

/** Charts draw with attributes instead of classes, so a copy of the element is the whole picture. */
function svgText(svg: SVGSVGElement, background: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  for (const element of copy.querySelectorAll('[data-transient]')) element.remove();
  const box = svg.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(box.width));
  copy.setAttribute('height', String(box.height));
  copy.removeAttribute('style');
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', background);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const downloadCsv = (name: string, table: TableData): void => download(`${name}.csv`, new Blob([toCsv(table)], { type: 'text/csv' }));

export const svgSource = svgText;

export const downloadSvg = (name: string, svg: SVGSVGElement, background: string): void =>
  download(`${name}.svg`, new Blob([svgText(svg, background)], { type: 'image/svg+xml' }));

/** Twice the size on screen: sharp in a document. */
export async function downloadPng(name: string, svg: SVGSVGElement, background: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg, background))}`;
  await image.decode();
  const box = svg.viewBox.baseVal;
  const canvas = document.createElement('canvas');
  canvas.width = box.width * 2;
  canvas.height = box.height * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob !== null) download(`${name}.png`, blob);
}
