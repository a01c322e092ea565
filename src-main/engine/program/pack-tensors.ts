import { elementCount } from '../graph/shapes';
import type { Session } from '../graph/types';
import { packBytes, packed, unpacked, type Pack } from '../model/packs';
import type { WeightSpec } from '../families/types';
import type { TensorToWrite } from '../weights/safetensors';

/**
 * From the name of a weight or a pack to that of the variable or tensor which belongs to it (itself, a moment, the
 * reference's).
 */
export type Naming = (name: string) => string;

export const itself: Naming = (name) => name;

/** Sets what is trained, or what belongs to it. */
export function setPacks(
  session: Session,
  packs: readonly Pack[],
  naming: Naming,
  valuesOf: (member: WeightSpec) => Float32Array,
): void {
  for (const pack of packs) session.setVariable(naming(pack.name), packed(pack, valuesOf));
}

/**
 * What is trained, or what belongs to it, as tensors to write: fetched in groups when the first of a group is written,
 * and dropped with the next group.
 */
export function packTensors(
  session: Session,
  packs: readonly Pack[],
  namings: readonly Naming[],
): readonly TensorToWrite[] {
  let present: ReadonlyMap<string, Float32Array> = new Map();
  return groups(packs.flatMap((pack) => namings.map((naming) => ({ pack, naming })))).flatMap((group) => {
    const fetch = (): ReadonlyMap<string, Float32Array> => {
      const fetched = session.getVariables(group.map(({ pack, naming }) => naming(pack.name)));
      return new Map(
        group.flatMap(({ pack, naming }) =>
          unpacked(pack, fetched[naming(pack.name)] as Float32Array).map(
            ([member, values]) => [naming(member.name), values] as const,
          ),
        ),
      );
    };
    return group.flatMap(({ pack, naming }) =>
      pack.members.map(({ name: member, shape }) => {
        const name = naming(member);
        const read = (): Float32Array => {
          if (!present.has(name)) present = fetch();
          return present.get(name)!;
        };
        return { name, shape, read };
      }),
    );
  });
}

interface Variable {
  readonly pack: Pack;
  readonly naming: Naming;
}

/**
 * Each call that fetches something new costs a pass over the whole graph, and all at once would double the model in
 * memory.
 */
function groups(variables: readonly Variable[]): readonly (readonly Variable[])[] {
  const result: Variable[][] = [];
  let bytes = Infinity;
  for (const variable of variables) {
    const size = 4 * elementCount(variable.pack.shape);
    if (bytes + size > packBytes) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(variable);
    bytes += size;
  }
  return result;
}
