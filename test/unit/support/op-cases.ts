import type { GraphBuilder, Residuals, Shape, Value } from '../../../src-main/engine/graph/types';
import type { ProgramBuilder } from '../../../src-main/engine/graph/program';
import { attention } from '../../../src-main/engine/model/attention';
import { addLowRank, rmsNorm, swiglu } from '../../../src-main/engine/families/shared/layers';
import { rotatedHeads } from '../../../src-main/engine/families/shared/rope';

/**
 * One op at work: f32 inputs with their range, and a value made of them. Gradients are taken with respect to all
 * inputs.
 */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly { readonly shape: Shape; readonly low?: number; readonly high?: number }[];
  build(g: GraphBuilder, inputs: readonly Value[], program: ProgramBuilder): Value;
}

const pair = (
  name: string,
  a: Shape,
  b: Shape,
  build: (g: GraphBuilder, a: Value, b: Value) => Value,
  low = -1,
): OpCase => ({
  name: `${name} ${JSON.stringify([a, b])}`,
  inputs: [
    { shape: a, low },
    { shape: b, low },
  ],
  build: (g, [x, y]) => build(g, x!, y!),
});
const single = (
  name: string,
  shape: Shape,
  build: (g: GraphBuilder, x: Value) => Value,
  low = -2,
  high = 2,
): OpCase => ({ name, inputs: [{ shape, low, high }], build: (g, [x]) => build(g, x!) });

const arithmetic = (['add', 'sub', 'mul', 'maximum', 'minimum'] as const).flatMap((op) => [
  pair(op, [2, 3], [2, 3], (g, a, b) => g[op](a, b)),
  pair(op, [2, 1, 3], [4, 1], (g, a, b) => g[op](a, b)),
]);
const positive = ['log', 'sqrt', 'rsqrt'] as const;
const anywhere = ['neg', 'exp', 'square', 'abs', 'sin', 'cos', 'tanh', 'erf', 'sigmoid', 'silu', 'softplus'] as const;
const transposes = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

const layerCase = (residuals: Residuals): OpCase => ({
  name: `call, residuals ${residuals}`,
  inputs: [{ shape: [3, 4] }, { shape: [4, 4] }, { shape: [4] }],
  build: (g, [x, w, b], program) => {
    const types = [[3, 4], [4, 4], [4]].map((shape) => ({ dtype: 'f32', shape }) as const);
    const inner = program.function(`inner ${residuals}`, residuals, types.slice(0, 2), (gf, [h, m]) => [
      gf.silu(gf.keep(gf.matmul(h!, m!))),
    ]);
    const layer = program.function(`layer ${residuals}`, residuals, types, (gf, [h, m, bias]) => {
      const [once] = gf.call(inner, [h!, m!]);
      const scaled = gf.mul(gf.softmax(gf.add(once!, bias!)), gf.exp(h!));
      return [gf.add(h!, scaled), gf.sum(gf.square(scaled), [1])];
    });
    const [first] = g.call(layer, [x!, w!, b!]);
    const [second, norms] = g.call(layer, [first!, w!, b!]);
    return g.add(second!, g.reshape(norms!, [3, 1]));
  },
});

/** Functions that have a kernel in one lowering or another. */
const fusedCases: readonly OpCase[] = [
  {
    name: 'rmsNorm',
    inputs: [{ shape: [3, 19] }, { shape: [19], low: 0.5, high: 2 }],
    build: (g, [x, weight]) => rmsNorm(g, x!, weight!, 0.01),
  },
  pair('swiglu', [3, 7], [3, 7], swiglu, -3),
  {
    name: 'addLowRank',
    inputs: [{ shape: [5, 6] }, { shape: [5, 3] }, { shape: [6, 3] }],
    build: (g, [plain, low, b]) => g.square(addLowRank(g, plain!, low!, b!)),
  },
  {
    name: 'attention',
    inputs: [{ shape: [2, 4, 3, 2] }, { shape: [2, 2, 5, 2] }, { shape: [2, 2, 5, 2] }],
    build: (g, [q, k, v]) => attention(g, q!, k!, v!, tableOf(g, [2, 1, 3, 5])),
  },
  ...[6, 4].map((dims) =>
    single(`rotatedHeads, ${dims} of 6 dims`, [6, 12], (g, x) =>
      rotatedHeads(g, x, 2, { cos: tableOf(g, [2, 1, 3, dims]), sin: g.neg(tableOf(g, [2, 1, 3, dims])), scale: 0.5 }),
    ),
  ),
];
/** Different numbers of a shape: -0.5, -0.2, 0.1, ... */
const tableOf = (g: GraphBuilder, shape: Shape): Value =>
  g.reshape(g.sub(g.mul(g.cast(g.range(shape.reduce((a, b) => a * b, 1)), 'f32'), 0.3), 0.5), shape);

export const opCases: readonly OpCase[] = [
  ...fusedCases,
  ...arithmetic,
  pair('div', [2, 3], [3], (g, a, b) => g.div(a, g.add(b, 3))),
  ...anywhere.map((op) => single(op, [2, 5], (g, x) => g[op](x))),
  ...positive.map((op) => single(op, [2, 5], (g, x) => g[op](x), 0.5, 3)),
  pair('less, where', [3, 4], [4], (g, a, b) => g.where(g.less(a, b), g.square(a), g.mul(b, 3))),
  pair('lessEqual, and, or, not', [3, 4], [4], (g, a, b) =>
    g.where(
      g.or(g.and(g.lessEqual(a, b), g.less(a, g.constant(0.3))), g.not(g.lessEqual(b, g.constant(-0.2)))),
      a,
      g.mul(b, b),
    ),
  ),
  single('equal, range, cast', [4, 4], (g, x) =>
    g.where(
      g.equal(g.reshape(g.range(4), [4, 1]), g.reshape(g.range(4), [1, 4])),
      x,
      g.mul(x, g.cast(g.range(4), 'f32')),
    ),
  ),
  single('reshape', [2, 6], (g, x) => g.square(g.reshape(x, [3, 4]))),
  single('transpose', [2, 3, 4], (g, x) =>
    g.mul(g.transpose(x, [2, 0, 1]), g.reshape(g.cast(g.range(24), 'f32'), [4, 2, 3])),
  ),
  single('broadcastTo', [2, 1, 3], (g, x) =>
    g.mul(g.broadcastTo(x, [2, 4, 3]), g.reshape(g.cast(g.range(24), 'f32'), [2, 4, 3])),
  ),
  single('slice', [3, 5, 2], (g, x) => g.square(g.slice(x, [1, 0, 1], [2, 3, 1]))),
  {
    name: 'concat',
    inputs: [{ shape: [2, 3] }, { shape: [2, 1] }],
    build: (g, [a, b]) => g.square(g.concat([a!, b!, a!], 1)),
  },
  single('split', [2, 6], (g, x) => {
    const [a, , c] = g.split(x, [2, 1, 3], 1) as readonly [Value, Value, Value]; // the middle has no gradient
    return g.concat([g.square(a), g.mul(c, g.sum(a, [1], true))], 1);
  }),
  single('roll', [2, 5], (g, x) => g.mul(g.roll(x, 2, 1), g.add(g.roll(g.square(x), -1, 0), g.roll(x, 7, 1)))),
  single('fill, constant', [2, 3], (g, x) => g.add(g.mul(x, g.fill([2, 1], 3)), g.constant([1, 2, 3], 'f32', [3]))),
  single('sum', [2, 3, 4], (g, x) => g.square(g.sum(x, [0, 2]))),
  single('sum, kept', [2, 3, 4], (g, x) => g.mul(x, g.sum(x, [1], true))),
  single('mean', [2, 3, 4], (g, x) => g.square(g.mean(x, [1, 2], true))),
  single('max (no gradient)', [3, 4], (g, x) => g.sub(x, g.stopGradient(g.max(x, [1], true)))),
  single('softmax', [2, 2, 5], (g, x) => g.square(g.softmax(x))),
  single('logSumExp', [3, 5], (g, x) => g.square(g.logSumExp(x))),
  ...transposes.map(([tA, tB]) =>
    pair(`matmul ${tA} ${tB}`, tA ? [4, 3] : [3, 4], tB ? [5, 4] : [4, 5], (g, a, b) =>
      g.square(g.matmul(a, b, { transposeA: tA, transposeB: tB })),
    ),
  ),
  ...transposes.map(([tA, tB]) =>
    pair(`batchMatmul ${tA} ${tB}`, tA ? [2, 2, 4, 3] : [2, 2, 3, 4], tB ? [2, 2, 5, 4] : [2, 2, 4, 5], (g, a, b) =>
      g.square(g.batchMatmul(a, b, { transposeA: tA, transposeB: tB })),
    ),
  ),
  single('gather', [4, 3], (g, x) => g.square(g.gather(x, g.constant([3, 0, 3, 1], 'i32', [2, 2])))),
  single('scatterAdd', [2, 2, 3], (g, x) => g.square(g.scatterAdd(x, g.constant([3, 0, 3, 1], 'i32', [2, 2]), 5))),
  single('oneHot', [2, 4], (g, x) => g.mul(x, g.oneHot(g.constant([1, 3], 'i32', [2]), 4))),
  single('after, keep', [2, 3], (g, x) => g.square(g.after(g.keep(x), g.exp(x)))),
  single('withGradient', [2, 3], (g, x) => {
    const e = g.exp(x);
    return g.withGradient(e, [x], (gr, d) => [gr.mul(d, e)], [e]);
  }),
  ...(['all', 'products', 'none'] as const).map(layerCase),
];
