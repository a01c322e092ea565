import { largest } from '../../shared/extremes';
import { input, read } from './ops/source';
import { isOf } from './scope';
import { showShape } from './shapes';
import type { GraphBuilder, Value } from './types';

/**
 * dL/d(wrt) for a scalar `loss` (or for any value with `seed` = dL/d(loss)), in the scope of `g`: reverse-mode
 * differentiation over the nodes between `wrt` and `loss`. A `wrt` that the loss does not depend on throws: a weight
 * without a gradient is a mistake in the model.
 */
export function gradients(g: GraphBuilder, loss: Value, wrt: readonly Value[], seed?: Value): readonly Value[] {
  if (!seed && loss.shape.length > 0)
    throw new Error(`gradients: the loss must be a scalar, not ${showShape(loss.shape)}`);
  const found = backpropagate(g, [[loss, seed ?? g.constant(1)]], wrt);
  return found.map((value, i) => {
    if (value) return value;
    const { node } = wrt[i]!;
    const which = isOf(node, read) ? node.attrs.variable : isOf(node, input) ? node.attrs.name : node.id;
    throw new Error(`gradients: the loss does not depend on ${node.op.name} ${JSON.stringify(which)}`);
  });
}

/** As `gradients`, for several outputs with their gradients; null where nothing arrives. */
export function backpropagate(
  g: GraphBuilder,
  outputs: readonly (readonly [Value, Value])[],
  wrt: readonly Value[],
): readonly (Value | null)[] {
  const { nodes } = g.scope;
  const last = largest(outputs, ([value]) => value.node.id) ?? -1;
  const wanted = new Set<Value>(wrt);
  // forward: which values depend on wrt, on a way that a slope leads along
  const depends = new Set<Value>(wrt);
  for (const node of nodes.slice(0, last + 1))
    if (node.op.gradient !== null && node.inputs.some((x) => depends.has(x)))
      for (const y of node.outputs) depends.add(y);
  // backward, newest node first; contributions to one value are summed
  const gradient = new Map<Value, Value>();
  const contribute = (value: Value, d: Value): void => {
    const sofar = gradient.get(value);
    gradient.set(value, sofar ? g.add(sofar, d) : d);
  };
  for (const [value, d] of outputs) if (depends.has(value)) contribute(value, d);
  for (let id = last; id >= 0; id--) {
    const node = nodes[id]!;
    const dOutputs = node.outputs.map((y) => gradient.get(y) ?? null);
    if (node.op.gradient === null || dOutputs.every((d) => d === null)) continue;
    const needs = node.inputs.map((x) => depends.has(x));
    if (!needs.some(Boolean) || node.outputs.every((y) => wanted.has(y))) continue;
    const dInputs = node.op.gradient({ g, node, dOutputs, needs });
    if (dInputs.length !== node.inputs.length)
      throw new Error(
        `gradients: the rule of ${node.op.name} gives ${dInputs.length} gradients for ${node.inputs.length} inputs`,
      );
    dInputs.forEach((d, i) => {
      if (d && needs[i]) contribute(node.inputs[i]!, d);
    });
  }
  return wrt.map((value) => gradient.get(value) ?? null);
}
