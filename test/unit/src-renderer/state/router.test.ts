import { describe, expect, it } from 'vitest';
import { formatRoute, pageKey, parseRoute, railPage, type Route } from '../../../../src-renderer/state/router';

const routes: readonly Route[] = [
  { page: 'start' },
  { page: 'datasets' },
  { page: 'dataset', id: 'd_1', tab: 'length' },
  { page: 'dataset', id: 'a/b c,é', tab: 'rows' },
  { page: 'models' },
  { page: 'new-run' },
  { page: 'runs' },
  { page: 'run', id: 'r_1' },
  { page: 'export', id: 'r_1' },
  { page: 'compare', ids: [] },
  { page: 'compare', ids: ['r_1', 'r_2'] },
  { page: 'settings' },
];

describe('router', () => {
  it('reads back every address it writes', () => {
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
  });
  it('leads from unknown and broken addresses to Start', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/%E0%A4%A']) expect(parseRoute(hash)).toEqual({ page: 'start' });
    expect(parseRoute('#/datasets/d_1/nowhere')).toEqual({ page: 'dataset', id: 'd_1', tab: 'length' });
  });
  it('builds a page anew for another thing, not for another tab', () => {
    expect(pageKey({ page: 'dataset', id: 'd', tab: 'rows' })).toBe(
      pageKey({ page: 'dataset', id: 'd', tab: 'length' }),
    );
    expect(pageKey({ page: 'run', id: 'a' })).not.toBe(pageKey({ page: 'run', id: 'b' }));
  });
  it('marks the entry of the rail', () => {
    expect(routes.map(railPage)).toEqual([
      'start',
      'datasets',
      'datasets',
      'datasets',
      'models',
      'new-run',
      'runs',
      'runs',
      'runs',
      'compare',
      'compare',
      'settings',
    ]);
  });
});
