import { elementCount } from '../graph/shapes';
import type { Shape } from '../graph/types';
import type { WeightSpec } from '../families/types';

/** What one variable holds: a weight in its own shape, or several as one vector, one after the other. */
export interface Pack {
  readonly name: string;
  readonly shape: Shape;
  readonly members: readonly WeightSpec[];
}

/**
 * The most that is packed together: what is fetched or clipped at once is there twice (train/plan/memory.ts counts it).
 */
export const packBytes = 64 << 20;

export const single = (spec: WeightSpec): Pack => ({ name: spec.name, shape: spec.shape, members: [spec] });

/**
 * Adapter matrices as few long vectors. Each variable costs every call with new feeds a pass
 * (backends/tensorflow/session.ts), and an adapter of 30 layers has 420 matrices, with their gradients and moments
 * 1,700: packed, a run's first step begins 4 s earlier (RESULTS.md, "The first step").
 */
export function adapterPacks(specs: readonly WeightSpec[]): readonly Pack[] {
  const groups: WeightSpec[][] = [];
  let floats = Infinity;
  for (const spec of specs) {
    const size = elementCount(spec.shape);
    if (4 * (floats + size) > packBytes) {
      groups.push([]);
      floats = 0;
    }
    groups.at(-1)!.push(spec);
    floats += size;
  }
  return groups.map((members, i) => ({
    name: `adapter/${i}`,
    shape: [members.reduce((sum, m) => sum + elementCount(m.shape), 0)],
    members,
  }));
}

/** One pack's values from those of its members. */
export function packed({ members, shape }: Pack, valuesOf: (member: WeightSpec) => Float32Array): Float32Array {
  const values = new Float32Array(elementCount(shape));
  let start = 0;
  for (const member of members) {
    values.set(valuesOf(member), start);
    start += elementCount(member.shape);
  }
  return values;
}

/** A pack's values as those of its members, in their order; the arrays share its memory. */
export function unpacked({ members }: Pack, values: Float32Array): readonly (readonly [WeightSpec, Float32Array])[] {
  let start = 0;
  return members.map((member) => [member, values.subarray(start, (start += elementCount(member.shape)))] as const);
}
