import type { ModelShape, WeightSpec } from '../types';

/**
 * Weight (and bias) of one linear layer; `path` is its name after the layer's prefix, the last part is its module name.
 */
export function linearSpecs(
  prefix: string,
  layer: number,
  path: string,
  out: number,
  input: number,
  bias: boolean,
): readonly WeightSpec[] {
  const module = path.slice(path.lastIndexOf('.') + 1);
  const weight: WeightSpec = { name: `${prefix}${path}.weight`, shape: [out, input], role: 'linear', layer, module };
  return bias ? [weight, { name: `${prefix}${path}.bias`, shape: [out], role: 'bias', layer, module }] : [weight];
}

/** Embedding or head: a row for every token. */
export const vocabularySpec = (
  name: string,
  role: 'embedding' | 'head',
  { vocabulary, width }: Pick<ModelShape, 'vocabulary' | 'width'>,
): WeightSpec => ({ name, shape: [vocabulary, width], role, layer: null, module: null });
