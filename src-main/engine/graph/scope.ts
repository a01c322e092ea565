import type { Node, OpDefinition, Scope, TensorType, Value } from './types';

/** Nodes are mutable inside graph/ only: differentiating a call gives it more outputs (ops/call.ts). */
export interface MutableNode<Attrs = unknown> extends Node<Attrs> {
  attrs: Attrs;
  outputs: Value[];
}

export class MutableScope implements Scope {
  readonly nodes: MutableNode[] = [];
  constructor(readonly name: string) {}
}

export function addNode<Attrs>(
  scope: Scope,
  op: OpDefinition<Attrs>,
  inputs: readonly Value[],
  attrs: NoInfer<Attrs>,
): Node<Attrs> {
  for (const input of inputs)
    if (input.node.scope !== scope)
      throw new Error(
        `${op.name}: an argument belongs to scope ${input.node.scope.name}, not to ${scope.name}; pass it as a ` +
          'parameter',
      );
  const { nodes } = scope as MutableScope;
  const node: MutableNode<Attrs> = { id: nodes.length, scope, op, inputs, attrs, outputs: [] };
  node.outputs = op
    .infer(inputs, attrs)
    .map(({ dtype, shape }: TensorType, index): Value => ({ node, index, dtype, shape }));
  nodes.push(node);
  return node;
}

/** Whether a node is of this op, with its attributes. */
export const isOf = <Attrs>(node: Node, op: OpDefinition<Attrs>): node is Node<Attrs> => node.op === op;
