import { largest } from '../../shared/extremes';
import { flowInputs, liveNodes } from './live';
import { call } from './ops/call';
import { updateValues } from './program';
import { isOf } from './scope';
import { elementCount } from './shapes';
import type { DType, Entry, GraphFunction, Node, Value } from './types';

const bytesPerNumber: Readonly<Record<DType, number>> = { f32: 4, i32: 4, bf16: 2, f16: 2, bool: 1, u8: 1 };
const bytesOf = ({ dtype, shape }: Value): number => bytesPerNumber[dtype] * elementCount(shape);

/** Results that are their first input, or a part of it, under another name or shape. */
const views: ReadonlySet<string> = new Set(['reshape', 'split', 'stopGradient', 'keep', 'withGradient', 'after']);
/** Values that belong to somebody else: variables, what a caller passes, what the graph itself holds. */
const borrowed: ReadonlySet<string> = new Set(['parameter', 'input', 'read', 'constant']);
/** Ops, and functions with a kernel, that write one result over an input of its size that nobody wants any more. */
const inPlace: ReadonlySet<string> = new Set([
  'AddLowRank',
  'RmsNormGradient',
  'SoftmaxStatistics',
  'SwigluGradient',
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'neg',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'square',
  'abs',
  'sin',
  'cos',
  'tanh',
  'erf',
  'sigmoid',
  'silu',
  'softplus',
  'softmax',
]);
/**
 * What stands beside inputs and outputs for a moment: exponentials; keys (and values) transposed, and each query head's
 * own sums for them.
 */
const scratch: Readonly<Record<string, (node: Node) => number>> = {
  logSumExp: ({ inputs }) => bytesOf(inputs[0]!),
  CausalAttention: ({ inputs }) => bytesOf(inputs[1]!),
  CausalAttentionGradient: ({ inputs: [q, k] }) => 2 * (bytesOf(k!) + (q!.shape[1] === k!.shape[1] ? 0 : bytesOf(q!))),
};

/**
 * Bytes that a run of `entry` takes at its peak beyond variables and feeds: each value from its node until its last
 * use, called functions within their calls. Nodes run in the order of their ids here; a lowering that runs several at
 * once holds a little more, and so does one without kernels. `without`: functions whose inside does not count.
 */
export function entryPeakBytes(entry: Entry, without: (fn: GraphFunction) => boolean = () => false): number {
  const outputs = Object.values(entry.outputs);
  return new Walk(without).peak([...outputs, ...entry.updates.flatMap(updateValues)], outputs);
}

class Walk {
  private readonly functions = new Map<GraphFunction, number>();
  constructor(private readonly without: (fn: GraphFunction) => boolean) {}

  ofFunction(fn: GraphFunction): number {
    const known = this.functions.get(fn);
    if (known !== undefined) return known;
    const found = this.peak(fn.results, fn.results);
    this.functions.set(fn, found);
    return found;
  }

  /** `kept` stay to the end; of the other roots only the making counts. */
  peak(roots: readonly Value[], kept: readonly Value[]): number {
    const nodes = liveNodes(roots);
    const lastUse = new Map<Value, number>(); // of a buffer, by the value that first filled it
    const owner = new Map<Value, Value>();
    const ownerOf = (value: Value): Value => owner.get(value) ?? value;
    for (const node of nodes) {
      const inputs = flowInputs(node).map(ownerOf);
      if (views.has(node.op.name)) for (const value of node.outputs) owner.set(value, inputs[0]!);
      for (const buffer of [...inputs, ...node.outputs.map(ownerOf)]) lastUse.set(buffer, node.id);
    }
    for (const value of kept) lastUse.set(ownerOf(value), Infinity);

    const held = new Map<Value, number>();
    let live = 0;
    let most = 0;
    for (const node of nodes) {
      const fn = isOf(node, call) ? node.attrs.fn : undefined;
      const name = fn?.kernel ?? node.op.name;
      if (views.has(name) || borrowed.has(name)) continue;
      const inputs = new Set(flowInputs(node).map(ownerOf));
      const dying = [...inputs].filter((buffer) => held.has(buffer) && lastUse.get(buffer) === node.id);
      const inside = name === 'call' ? this.inside(fn!) : (scratch[name]?.(node) ?? 0);
      const made = node.outputs.reduce((sum, value) => sum + bytesOf(value), 0);
      const reused = inPlace.has(name)
        ? (largest(node.outputs.map(bytesOf).filter((bytes) => dying.some((buffer) => held.get(buffer)! >= bytes))) ??
          0)
        : 0;
      most = Math.max(most, live + made - reused + inside);
      for (const value of node.outputs) held.set(value, bytesOf(value));
      live += made;
      const over = [...dying, ...node.outputs.filter((value) => lastUse.get(value) === node.id)];
      for (const buffer of over) {
        live -= held.get(buffer)!;
        held.delete(buffer);
      }
    }
    return most;
  }

  /** What a call holds beyond its results. */
  private inside(fn: GraphFunction): number {
    if (this.without(fn)) return 0;
    return Math.max(0, this.ofFunction(fn) - fn.results.reduce((sum, value) => sum + bytesOf(value), 0));
  }
}
