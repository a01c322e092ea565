import type { Attrs, Node, OpDefinition, Scope, Value } from './types';

/** Nodes are mutable inside graph/ only: differentiating a call gives it more outputs (call.ts). */
export interface MutableNode {
  readonly id: number;
  readonly scope: Scope;
  readonly op: OpDefinition;
  readonly inputs: readonly Value[];
  attrs: Attrs;
  outputs: Value[];
}

export class MutableScope implements Scope {
  readonly nodes: MutableNode[] = [];
  constructor(readonly name: string) {}
}

export function addNode(scope: Scope, op: OpDefinition, inputs: readonly Value[], attrs: Attrs): Node {
  for (const input of inputs)
    if (input.node.scope !== scope)
      throw new Error(
        `${op.name}: an argument belongs to scope ${input.node.scope.name}, not to ${scope.name}; pass it as a parameter`,
      );
  const { nodes } = scope as MutableScope;
  const node: MutableNode = { id: nodes.length, scope, op, inputs, attrs, outputs: [] };
  node.outputs = op.infer(inputs, attrs).map(({ dtype, shape }, index): Value => ({ node, index, dtype, shape }));
  nodes.push(node);
  return node;
}
