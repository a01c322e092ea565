import { withGradient } from './ops/control';
import { isOf } from './scope';
import type { Node, Value } from './types';

/**
 * The inputs whose values a node's results are made of: `withGradient` is its first input, the others only serve its
 * rule.
 */
export const flowInputs = (node: Node): readonly Value[] =>
  isOf(node, withGradient) ? node.inputs.slice(0, 1) : node.inputs;

/** The nodes that `roots` need, in an order in which every node comes after its inputs. One scope. */
export function liveNodes(roots: readonly Value[]): readonly Node[] {
  const live = new Set<Node>();
  const pending = roots.map((v) => v.node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of flowInputs(node)) pending.push(input.node);
  }
  return [...live].sort((a, b) => a.id - b.id);
}
