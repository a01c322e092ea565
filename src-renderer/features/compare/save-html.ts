import type { ComparisonView } from '../../../src-main/shared/views/comparison';
import { download, standaloneSvg } from '../../components/charts/export-chart';
import { comparisonHtml } from '../../state/compare-html';

/** One file without links to anything: it opens years later, anywhere. */
export function saveAsHtml(view: ComparisonView, body: HTMLElement | null): void {
  const charts = [...(body?.querySelectorAll('figure') ?? [])].flatMap((figure) => {
    const svg = figure.querySelector('svg[data-chart]');
    const title = figure.querySelector('h2')?.textContent ?? '';
    const caption = figure.querySelector('figcaption')?.textContent ?? '';
    return svg instanceof SVGSVGElement ? [{ title, caption, svg: standaloneSvg(svg, {}).text }] : [];
  });
  const html = comparisonHtml(view, charts, Date.now());
  download('sampo-comparison.html', new Blob([html], { type: 'text/html' }));
}
