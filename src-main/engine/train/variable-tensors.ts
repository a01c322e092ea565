import type { Session } from '../graph/types';
import { sizeOf } from '../graph/shapes';
import type { TensorToWrite } from '../weights/safetensors';

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How much to fetch at once: each call that fetches something new costs a pass over the whole graph, and all at once would double the model in memory. */
const fetchBytes = 64 << 20;

/** Variables of a session as tensors to write: fetched in groups when the first of a group is written, and dropped with the next group. */
export function variableTensors(session: Session, variables: readonly Named[]): readonly TensorToWrite[] {
  let present: Readonly<Record<string, unknown>> = {};
  return groups(variables).flatMap((group) =>
    group.map(({ name, shape }) => ({
      name,
      shape,
      read: () => {
        if (!(name in present)) present = session.getVariables(group.map((v) => v.name));
        return present[name] as Float32Array;
      },
    })),
  );
}

function groups(variables: readonly Named[]): readonly (readonly Named[])[] {
  const result: Named[][] = [];
  let bytes = Infinity;
  for (const variable of variables) {
    const size = 4 * sizeOf(variable.shape);
    if (bytes + size > fetchBytes) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(variable);
    bytes += size;
  }
  return result;
}
