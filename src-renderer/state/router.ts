/** Pages and their addresses in the hash. Ids are opaque; unknown addresses lead to Start. */
export type Route =
  | { readonly page: 'start' }
  | { readonly page: 'datasets' }
  | { readonly page: 'dataset'; readonly id: string; readonly tab: DatasetTab }
  | { readonly page: 'models' }
  | { readonly page: 'new-run' }
  | { readonly page: 'runs' }
  | { readonly page: 'run'; readonly id: string }
  | { readonly page: 'compare'; readonly ids: readonly string[] }
  | { readonly page: 'export'; readonly id: string }
  | { readonly page: 'settings' };

export const datasetTabs = ['length', 'tokens', 'problems', 'rows'] as const;
export type DatasetTab = (typeof datasetTabs)[number];

export function parseRoute(hash: string): Route {
  const [page = '', first = '', second = ''] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  switch (page) {
    case 'datasets':
      return first === ''
        ? { page: 'datasets' }
        : { page: 'dataset', id: first, tab: datasetTabs.find((tab) => tab === second) ?? 'length' };
    case 'models':
      return { page: 'models' };
    case 'new-run':
      return { page: 'new-run' };
    case 'runs':
      return first === ''
        ? { page: 'runs' }
        : second === 'export'
          ? { page: 'export', id: first }
          : { page: 'run', id: first };
    case 'compare':
      return { page: 'compare', ids: first === '' ? [] : first.split(',').filter((id) => id !== '') };
    case 'settings':
      return { page: 'settings' };
    default:
      return { page: 'start' };
  }
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'dataset':
      return `#/datasets/${encodeURIComponent(route.id)}${route.tab === 'length' ? '' : `/${route.tab}`}`;
    case 'run':
      return `#/runs/${encodeURIComponent(route.id)}`;
    case 'export':
      return `#/runs/${encodeURIComponent(route.id)}/export`;
    case 'compare':
      return route.ids.length === 0 ? '#/compare' : `#/compare/${route.ids.map(encodeURIComponent).join(',')}`;
    case 'start':
      return '#/';
    default:
      return `#/${route.page}`;
  }
}

/** Equal for addresses that are the same page in another view (tabs), so that it is not built anew. */
export const pageKey = (route: Route): string => ('id' in route ? `${route.page}:${route.id}` : route.page);

/** The entry of the rail that a page belongs to. */
export function railPage(route: Route): 'start' | 'datasets' | 'models' | 'new-run' | 'runs' | 'compare' | 'settings' {
  switch (route.page) {
    case 'dataset':
      return 'datasets';
    case 'run':
    case 'export':
      return 'runs';
    default:
      return route.page;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
