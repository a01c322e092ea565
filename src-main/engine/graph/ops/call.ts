import { backpropagate } from '../gradients';
import { flowInputs } from '../live';
import { addNode, isOf, MutableScope, type MutableNode } from '../scope';
import type { GradientContext, GraphBuilder, GraphFunction, Node, OpDefinition, Value } from '../types';
import { matmul } from './contraction';
import { keep as keepMark, withGradient } from './control';
import { parameter } from './source';

export interface Called {
  readonly fn: GraphFunction;
}

/**
 * A call of a function. Its gradient makes two functions: the forward one, which also returns what the backward one
 * wants to keep (`residuals`), and the backward one, which recomputes the rest. The call node is pointed at the forward
 * function in place, so the layer still runs once.
 */
export const call: OpDefinition<Called, 'call'> = {
  name: 'call',
  infer: (_inputs, { fn }) => fn.results.map(({ dtype, shape }) => ({ dtype, shape })),
  gradient: (context) => differentiateCall(context),
};

interface Derivative {
  readonly forward: GraphFunction;
  readonly backward: GraphFunction;
  /**
   * Indexes of the call's arguments that backward takes again, then come the residuals, then the given output
   * gradients.
   */
  readonly arguments: readonly number[];
  readonly residualCount: number;
}

const derivatives = new WeakMap<GraphFunction, Map<string, Derivative>>();

function differentiateCall({ g, node, dOutputs, needs }: GradientContext<Called>): readonly (Value | null)[] {
  const { fn } = node.attrs;
  if (fn.kernel !== undefined)
    throw new Error(`gradients: ${fn.name} is fused and has none of its own; wrap it in withGradient`);
  const given = dOutputs.map((d) => d !== null);
  const known = derivatives.get(fn) ?? new Map<string, Derivative>();
  derivatives.set(fn, known);
  const key = [needs, given].map((flags) => flags.map(Number).join('')).join('|');
  const derivative = known.get(key) ?? derive(g, fn, needs, given);
  known.set(key, derivative);

  const made = node as MutableNode<Called>;
  if (derivative.residualCount > 0) {
    made.attrs = { fn: derivative.forward };
    const more = derivative.forward.results.slice(fn.results.length);
    more.forEach(({ dtype, shape }, i) => made.outputs.push({ node, index: fn.results.length + i, dtype, shape }));
  }
  const residuals = made.outputs.slice(fn.results.length);
  const results = g.call(derivative.backward, [
    ...derivative.arguments.map((i) => node.inputs[i]!),
    ...residuals,
    ...dOutputs.filter((d) => d !== null),
  ]);
  let next = 0;
  return needs.map((needed) => (needed ? results[next++]! : null));
}

function derive(
  caller: GraphBuilder,
  fn: GraphFunction,
  needs: readonly boolean[],
  given: readonly boolean[],
): Derivative {
  // 1. gradient code is appended to the function's own scope; lowerings emit only what results need, so the function
  // itself does not change
  const forwardEnd = fn.scope.nodes.length;
  const g = caller.inScope(fn.scope);
  const seeds = fn.results.flatMap((result, i) =>
    given[i]
      ? [
          [
            result,
            addNode(fn.scope, parameter, [], { index: -1, dtype: result.dtype, shape: result.shape }).outputs[0]!,
          ] as const,
        ]
      : [],
  );
  const wrt = fn.parameters.filter((_, i) => needs[i]);
  const found = backpropagate(g, seeds, wrt).map((d, i) => d ?? g.fill(wrt[i]!.shape, 0));

  // 2. what the gradient code takes from the forward pass: kept or recomputed, by the function's policy
  const kept = keptValues(fn, found, forwardEnd);
  const taken = fn.parameters.map((p, i) => [p, i] as const).filter(([p]) => kept.parameters.has(p));
  const backward = extract(
    `${fn.name}/backward${derivatives.get(fn)?.size || ''}`,
    [...taken.map(([p]) => p), ...kept.residuals, ...seeds.map(([, d]) => d)],
    found,
  );
  const forward: GraphFunction = {
    ...fn,
    name: `${fn.name}/forward${derivatives.get(fn)?.size || ''}`,
    results: [...fn.results, ...kept.residuals],
  };
  return { forward, backward, arguments: taken.map(([, i]) => i), residualCount: kept.residuals.length };
}

function keptValues(
  fn: GraphFunction,
  roots: readonly Value[],
  forwardEnd: number,
): { readonly residuals: readonly Value[]; readonly parameters: ReadonlySet<Value> } {
  const isParameter = new Set(fn.parameters);
  const marked = new Set(
    fn.scope.nodes
      .slice(0, forwardEnd)
      .flatMap((n) => (isOf(n, withGradient) ? n.inputs.slice(1 + n.attrs.wrtCount) : [])),
  );
  const keep = (value: Value): boolean => {
    // gradient code and constants are made where they are used
    if (value.node.id >= forwardEnd || value.node.inputs.length === 0) return false;
    if (fn.residuals === 'all') return true;
    return fn.residuals === 'products' && (isOf(value.node, matmul) || isOf(value.node, keepMark) || marked.has(value));
  };
  const residuals = new Set<Value>();
  const parameters = new Set<Value>();
  const seen = new Set<Value>();
  const pending = [...roots];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (isParameter.has(value)) parameters.add(value);
    else if (keep(value)) residuals.add(value);
    else for (const input of flowInputs(value.node)) pending.push(input);
  }
  return { residuals: [...residuals].sort((a, b) => a.node.id - b.node.id || a.index - b.index), parameters };
}

/** Copies what `results` need into a function of its own, cut off at `parameters`. */
function extract(name: string, parameters: readonly Value[], results: readonly Value[]): GraphFunction {
  const scope = new MutableScope(name);
  const copies = new Map<Value, Value>();
  parameters.forEach((p, index) =>
    copies.set(p, addNode(scope, parameter, [], { index, dtype: p.dtype, shape: p.shape }).outputs[0]!),
  );
  for (const node of cutNodes(new Set(parameters), results)) {
    if (isOf(node, withGradient)) {
      // its rule has been used; what is left is the identity
      copies.set(node.outputs[0]!, copies.get(node.inputs[0]!)!);
      continue;
    }
    const copy = addNode(
      scope,
      node.op,
      node.inputs.map((x) => copies.get(x)!),
      node.attrs,
    );
    node.outputs.forEach((y, i) => {
      if (!copies.has(y)) copies.set(y, copy.outputs[i]!);
    });
  }
  return {
    name,
    scope,
    parameters: parameters.map((p) => copies.get(p)!),
    results: results.map((r) => copies.get(r)!),
    residuals: 'none',
  };
}

/** As liveNodes, but not beyond the values in `cut`. */
function cutNodes(cut: ReadonlySet<Value>, roots: readonly Value[]): readonly Node[] {
  const live = new Set<Node>();
  const pending = roots.filter((v) => !cut.has(v)).map((v) => v.node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of flowInputs(node)) if (!cut.has(input)) pending.push(input.node);
  }
  return [...live].sort((a, b) => a.id - b.id);
}
