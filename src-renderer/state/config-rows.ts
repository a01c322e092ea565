/** Leaves of the specs, one row a path, in the order of the spec: the table behind "show all". */
export function allConfigRows(specs: readonly unknown[]): readonly { readonly path: string; readonly values: readonly string[] }[] {
  const flat = specs.map((spec) => new Map(leaves(spec, '')));
  const paths = [...new Set(flat.flatMap((values) => [...values.keys()]))];
  return paths.map((path) => ({ path, values: flat.map((values) => values.get(path) ?? '–') }));
}

function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}
