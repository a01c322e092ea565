import { describe, expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import * as ops from '../../../../../src-main/engine/graph/ops';
import { defineOp, unwrittenGradient } from '../../../../../src-main/engine/graph/ops/define';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import { addNode } from '../../../../../src-main/engine/graph/scope';
import type { GraphBuilder, OpDefinition, Value } from '../../../../../src-main/engine/graph/types';
import { opCases } from '../../../support/op-cases';
import { caseFeeds, interpretEntry, opProgram } from '../../../support/op-programs';

const program = opProgram();
const entryOf = (name: string) => program.entries.find((e) => e.name === name)!;

describe('gradients equal central differences (double precision, eps 1e-5)', () => {
  it.each(opCases.map((c) => [c.name, c] as const))('%s', (name, opCase) => {
    const entry = entryOf(name);
    const feeds = caseFeeds(opCase);
    const eps = 1e-5;
    const lossAt = (changed: Readonly<Record<string, readonly number[]>>): number =>
      interpretEntry(entry, changed).loss![0]!;
    const exact = interpretEntry(entry, feeds);
    // `max` and `stopGradient` are constants to differentiation, and their case is not smooth in them
    if (name.startsWith('max')) return expect(exact.d0!.every(Number.isFinite)).toBe(true);
    opCase.inputs.forEach((_, i) => {
      feeds[`x${i}`]!.forEach((_value, at) => {
        const moved = (by: number) => ({ ...feeds, [`x${i}`]: feeds[`x${i}`]!.map((v, j) => (j === at ? v + by : v)) });
        const numeric = (lossAt(moved(eps)) - lossAt(moved(-eps))) / (2 * eps);
        expect(Math.abs(exact[`d${i}`]![at]! - numeric), `d loss / d x${i}[${at}]`).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(numeric)),
        );
      });
    });
  });

  it('covers every op that has a rule; the others say that no slope leads through them, or that none is written', () => {
    const covered = new Set(program.entries.flatMap((e) => e.scope.nodes.map((n) => n.op.name)));
    const all: readonly (readonly [string, OpDefinition])[] = Object.entries(ops);
    for (const [name, op] of all) expect(op.name).toBe(name); // tables of backends go by it
    const namesWith = (rule: unknown): readonly string[] =>
      all.flatMap(([name, op]) => (op.gradient === rule ? [name] : [])).sort();
    const [flat, unwritten] = [namesWith(null), namesWith(unwrittenGradient)];
    expect(flat).toEqual(
      [
        ...['and', 'constant', 'equal', 'fill', 'input', 'less', 'lessEqual', 'not', 'oneHot', 'or', 'parameter'],
        ...['range', 'read', 'stopGradient'],
      ].sort(),
    );
    expect(unwritten).toEqual(['max']);
    const known = new Set([...covered, ...flat, ...unwritten]);
    expect(all.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('functions', () => {
  it('run once: differentiating a call adds one backward call and no second forward one', () => {
    const entry = entryOf('call, residuals products');
    expect(entry.scope.nodes.filter((n) => n.op.name === 'call')).toHaveLength(4);
  });

  it('give equal gradients whatever they keep', () => {
    const results = (['all', 'products', 'none'] as const).map((residuals) => {
      const opCase = opCases.find((c) => c.name === `call, residuals ${residuals}`)!;
      return interpretEntry(entryOf(opCase.name), caseFeeds(opCases.find((c) => c.name === 'call, residuals all')!));
    });
    for (const result of results.slice(1))
      for (const key of ['y', 'd0', 'd1', 'd2'])
        result[key]!.forEach((value, i) => expect(value).toBeCloseTo(results[0]![key]![i]!, 12));
  });
});

/** Gradients of Σ of what `build` makes of x [2, 3]. */
const differentiate = (build: (g: GraphBuilder, x: Value) => Value): unknown =>
  new ProgramBuilder().entry('e', (g) => {
    const x = g.input('x', 'f32', [2, 3]);
    const y = build(g, x);
    const axes = y.shape.map((_, axis) => axis);
    return { outputs: { d: gradients(g, g.sum(y, axes), [x])[0]! }, updates: [] };
  });

describe('refusals', () => {
  it('an op without a rule names itself when somebody differentiates through it', () => {
    expect(() => differentiate((g, x) => g.mul(x, g.max(x, [1], true)))).toThrow(
      /max has no gradient rule: .*stopGradient/,
    );
    // not where the gradient is stopped, before it or after it, or nobody asks for it
    expect(() => differentiate((g, x) => g.mul(x, g.max(g.stopGradient(x), [1], true)))).not.toThrow();
    expect(() => differentiate((g, x) => g.mul(x, g.stopGradient(g.max(x, [1], true))))).not.toThrow();
    expect(() => differentiate((g, x) => g.mul(x, g.max(g.fill([2, 3], 1), [1], true)))).not.toThrow();
  });

  it('a value of another scope is refused by its op: it is to be passed as a parameter', () => {
    const builder = new ProgramBuilder();
    expect(() =>
      builder.entry('outer', (g) => {
        const x = g.input('x', 'f32', [2]);
        const inner = builder.function('inner', 'all', [{ dtype: 'f32', shape: [2] }], (gf, [y]) => [gf.mul(x, y!)]);
        return { outputs: { y: g.call(inner, [x])[0]! }, updates: [] };
      }),
    ).toThrow('mul: an argument belongs to scope outer, not to inner; pass it as a parameter');
  });

  it('an op that no slope leads through stops the gradient, and where that leaves a weight without one, this is said', () => {
    expect(() => differentiate((g, x) => g.where(g.less(x, g.constant(0)), x, g.neg(x)))).not.toThrow();
    expect(() => differentiate((g, x) => g.cast(g.less(x, g.constant(0)), 'f32'))).toThrow(
      /does not depend on input "x"/,
    );
  });

  it('a rule with another number of gradients than there are inputs is one of its op', () => {
    expect(() => differentiate((g, x) => g.withGradient(g.mul(x, 2), [x], () => []))).toThrow(
      /withGradient: the rule gives 0 gradients for 1 values/,
    );
    const short = defineOp('short', { infer: ([x]) => x!, gradient: ({ dOutputs }) => dOutputs });
    expect(() => differentiate((g, x) => addNode(g.scope, short, [x, x], {}).outputs[0]!)).toThrow(
      /the rule of short gives 1 gradients for 2 inputs/,
    );
  });

  it('throws where the loss does not depend on a weight, and where something fused has no rule', () => {
    const builder = new ProgramBuilder();
    const build = (): unknown =>
      builder.entry('e', (g) => {
        const [x, unused] = [g.input('x', 'f32', [2]), g.input('unused', 'f32', [2])];
        return { outputs: { d: gradients(g, g.sum(x, [0]), [unused])[0]! }, updates: [] };
      });
    expect(build).toThrow(/does not depend on input "unused"/);
    const fused = (): unknown =>
      new ProgramBuilder().entry('e', (g) => {
        const x = g.input('x', 'f32', [2]);
        return {
          outputs: { d: gradients(g, g.sum(g.fused('Square', [x], (gf, [y]) => [gf.square(y!)])[0]!, [0]), [x])[0]! },
          updates: [],
        };
      });
    expect(fused).toThrow(/Square is fused and has none of its own/);
  });

  it.each([
    [
      'add',
      /add: shapes do not broadcast at axis 1 \(got f32\[2, 3\], f32\[2, 4\]\)/,
      (b: ProgramBuilder) =>
        b.entry('a', (g) => ({ outputs: { y: g.add(g.fill([2, 3], 0), g.fill([2, 4], 0)) }, updates: [] })),
    ],
    [
      'matmul',
      /matmul: inner sizes differ, 3 and 2/,
      (b: ProgramBuilder) =>
        b.entry('a', (g) => ({ outputs: { y: g.matmul(g.fill([2, 3], 0), g.fill([2, 3], 0)) }, updates: [] })),
    ],
    [
      'slice',
      /slice: begin \[1\], size \[3\] leave the tensor/,
      (b: ProgramBuilder) => b.entry('a', (g) => ({ outputs: { y: g.slice(g.fill([3], 0), [1], [3]) }, updates: [] })),
    ],
    [
      'reshape',
      /reshape: cannot become \[5\]/,
      (b: ProgramBuilder) => b.entry('a', (g) => ({ outputs: { y: g.reshape(g.fill([2, 3], 0), [5]) }, updates: [] })),
    ],
    [
      'sum',
      /sum: axis 2 is out of range/,
      (b: ProgramBuilder) => b.entry('a', (g) => ({ outputs: { y: g.sum(g.fill([2, 3], 0), [2]) }, updates: [] })),
    ],
    [
      'gather',
      /gather: needs i32/,
      (b: ProgramBuilder) =>
        b.entry('a', (g) => ({ outputs: { y: g.gather(g.fill([2, 3], 0), g.fill([1], 0)) }, updates: [] })),
    ],
  ] as const)('%s names itself and the shapes', (_name, message, build) => {
    expect(() => build(new ProgramBuilder())).toThrow(message);
  });
});
