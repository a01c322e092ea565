import { afterEach, describe, expect, it, vi } from 'vitest';
import { gradients } from '../../../../../../src-main/engine/graph/gradients';
import { liveNodes } from '../../../../../../src-main/engine/graph/live';
import { call } from '../../../../../../src-main/engine/graph/ops';
import { ProgramBuilder } from '../../../../../../src-main/engine/graph/program';
import { isOf } from '../../../../../../src-main/engine/graph/scope';
import { elementCount } from '../../../../../../src-main/engine/graph/shapes';
import type { GraphBuilder, HostArray, Program, Shape, Value } from '../../../../../../src-main/engine/graph/types';
import { loadKernels } from '../../../../../../src-main/engine/backends/tensorflow/kernels';
import { lowerProgram } from '../../../../../../src-main/engine/backends/tensorflow/lower';
import { compileTensorflow } from '../../../../../../src-main/engine/backends/tensorflow/session';
import { causalAttention } from '../../../../../../src-main/engine/model/attention';
import { addLowRank, rmsNorm, swiglu } from '../../../../../../src-main/engine/families/shared/layers';
import { headValues } from '../../../../../../src-main/engine/model/log-prob';
import { rotatedHeads } from '../../../../../../src-main/engine/families/shared/rope';
import { seeded } from '../../../../support/tiny-config';

interface Case {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly build: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>, program: ProgramBuilder) => Value;
  /** How many of the inputs, from the first, are differentiated. */
  readonly trained: number;
}

// large enough for several threads and blocks; widths that are no multiple of a vector
const cases: Readonly<Record<string, Case>> = {
  rmsNorm: {
    inputs: { x: [517, 203], weight: [203] },
    trained: 2,
    build: (g, { x, weight }) => rmsNorm(g, x!, weight!, 1e-5),
  },
  swiglu: {
    inputs: { gate: [311, 333], up: [311, 333] },
    trained: 2,
    build: (g, { gate, up }) => swiglu(g, gate!, up!),
  },
  // the plain term is used once more, so that it must not be written over
  'addLowRank, rank 16': {
    inputs: { plain: [301, 210], low: [301, 16], b: [210, 16] },
    trained: 3,
    build: (g, { plain, low, b }) => g.mul(plain!, addLowRank(g, plain!, g.mul(low!, 0.1), b!)),
  },
  'addLowRank, rank 21': {
    inputs: { plain: [301, 210], low: [301, 21], b: [210, 21] },
    trained: 3,
    build: (g, { plain, low, b }) => g.add(plain!, addLowRank(g, g.mul(plain!, 2), g.mul(low!, 0.1), b!)),
  },
  causalAttention: {
    inputs: { q: [2, 4, 333, 48], k: [2, 2, 333, 48], v: [2, 2, 333, 48] },
    trained: 3,
    build: (g, { q, k, v }) =>
      causalAttention(
        g,
        g.mul(q!, 0.3),
        k!,
        v!,
        g.constant(
          Int32Array.from({ length: 666 }, (_, i) => Math.floor((4 * i) / 333) % 4),
          'i32',
          [2, 333],
        ),
      ),
  },
  'head values': {
    inputs: { hidden: [150, 20], head: [211, 20] },
    trained: 2,
    build: (g, { hidden, head }, program) => {
      const targets = g.cast(g.range(150), 'i32');
      const values = headValues(program, g, 'head', {
        hidden: hidden!,
        head: g.mul(head!, 0.3),
        targets,
        gradient: 'all',
        statistics: true,
        collision: false,
        reference: null,
      });
      return g.concat(
        [values.logprobs, ...[values.entropy!, values.meanLogit!, values.top1!].map(g.stopGradient)].map((x) =>
          g.reshape(x, [150, 1]),
        ),
        1,
      );
    },
  },
  rotatedHeads: {
    inputs: { x: [2 * 170, 6 * 20], cos: [2, 1, 170, 20], sin: [2, 1, 170, 20] },
    trained: 1,
    build: (g, { x, cos, sin }) => rotatedHeads(g, x!, 6, { cos: cos!, sin: sin!, scale: 0.25 }),
  },
  'rotatedHeads, some dims': {
    inputs: { x: [2 * 170, 6 * 20], cos: [2, 1, 170, 8], sin: [2, 1, 170, 8] },
    trained: 1,
    build: (g, { x, cos, sin }) => rotatedHeads(g, x!, 6, { cos: cos!, sin: sin!, scale: 0.25 }),
  },
};

function programOf(chosen: Readonly<Record<string, Case>>): Program {
  const program = new ProgramBuilder();
  for (const [name, { inputs, build, trained }] of Object.entries(chosen))
    program.entry(name, (g) => {
      const values = Object.fromEntries(
        Object.entries(inputs).map(([input, shape]) => [input, g.input(input, 'f32', shape)]),
      );
      const y = build(g, values, program);
      const wrt = Object.keys(inputs).slice(0, trained);
      const found = gradients(
        g,
        g.sum(
          g.mul(y, g.sin(y)),
          y.shape.map((_, axis) => axis),
        ),
        wrt.map((input) => values[input]!),
      );
      return { outputs: { y, ...Object.fromEntries(wrt.map((input, i) => [`d ${input}`, found[i]!])) }, updates: [] };
    });
  return program.build();
}

function feedsOf({ inputs }: Case): Readonly<Record<string, Float32Array>> {
  const random = seeded(3);
  return Object.fromEntries(
    Object.entries(inputs).map(([input, shape]) => [
      input,
      Float32Array.from({ length: elementCount(shape) }, () => 4 * (random() - 0.5)),
    ]),
  );
}

async function results(
  program: Program,
  name: string,
  feeds: Readonly<Record<string, HostArray>>,
  times = 1,
): Promise<readonly Readonly<Record<string, HostArray>>[]> {
  const session = await compileTensorflow(program);
  try {
    return Array.from({ length: times }, () => session.run(name, feeds));
  } finally {
    session.dispose();
  }
}

const largest = (values: HostArray): number => Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const program = programOf(cases);
afterEach(() => vi.unstubAllEnvs());

describe.runIf(process.platform === 'linux')('kernels', () => {
  it.each(Object.keys(cases))('%s: as the ops that they stand for, backwards too', async (name) => {
    const feeds = feedsOf(cases[name]!);
    const [ours] = await results(program, name, feeds);
    vi.stubEnv('SAMPO_KERNELS', 'none');
    const [plain] = await results(program, name, feeds);
    for (const [output, expected] of Object.entries(plain!)) {
      const scale = largest(expected);
      expect(scale, output).toBeGreaterThan(0.1);
      const worst = largest(expected.map((x, i) => x - ours![output]![i]!));
      expect(worst / scale, output).toBeLessThan(4e-6);
    }
  });

  it('compute alike whichever thread takes which rows', { timeout: 240_000 }, async () => {
    for (const name of ['addLowRank, rank 16', 'causalAttention']) {
      const [first, ...others] = await results(program, name, feedsOf(cases[name]!), 20);
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it('give NaN of NaN, so that a run that diverges is seen to', async () => {
    for (const [name, input, output] of [
      ['swiglu', 'gate', 'y'],
      ['rmsNorm', 'x', 'y'],
      ['causalAttention', 'q', 'y'],
      ['addLowRank, rank 16', 'low', 'y'],
      ['rotatedHeads', 'x', 'd x'],
    ] as const) {
      const feeds = feedsOf(cases[name]!);
      feeds[input]![0] = NaN;
      const [found] = await results(program, name, feeds);
      expect(Number.isNaN(found![output]![0]), name).toBe(true);
      expect(
        found![output]!.some((x) => !Number.isNaN(x)),
        name,
      ).toBe(true);
    }
  });

  it('weigh the other response with exactly 0, within a tile and beyond', async () => {
    const segments = Int32Array.from({ length: 300 }, (_, i) => (i < 10 ? 0 : i < 155 ? 1 : 2));
    const hidden: Case = {
      inputs: { q: [1, 1, 300, 16], k: [1, 1, 300, 16], v: [1, 1, 300, 16] },
      trained: 1,
      build: (g, { q, k, v }) => causalAttention(g, q!, k!, v!, g.constant(segments, 'i32', [1, 300])),
    };
    const feeds = {
      ...feedsOf(hidden),
      v: Float32Array.from({ length: 300 * 16 }, (_, i) => (segments[i >> 4] === 1 ? 1e38 : 1)),
    };
    const [found] = await results(programOf({ hidden }), 'hidden', feeds);
    for (const y of found!.y!.slice(155 * 16)) expect(y).toBeCloseTo(1, 5);
    expect(found!.y![154 * 16]).toBeGreaterThan(1e30);
  });

  it('are all there, each is called by a layer, and each call finds one', () => {
    const calledBy = (roots: readonly Value[]): readonly string[] =>
      liveNodes(roots).flatMap((node) => {
        if (!isOf(node, call)) return [];
        const { kernel, results } = node.attrs.fn;
        return kernel === undefined ? calledBy(results) : [kernel];
      });
    const called = new Set(program.entries.flatMap(({ outputs }) => calledBy(Object.values(outputs))));
    expect([...called].sort()).toEqual([...loadKernels()].sort());
  });

  it('stand as one op each in the graph; without them their bodies do', () => {
    const opsOf = (kernels: ReadonlySet<string>): ReadonlySet<string> => {
      const { nodes, functions } = lowerProgram(program, kernels);
      return new Set([...nodes, ...functions.flatMap((fn) => fn.nodes)].map((n) => n.op));
    };
    const ours = (ops: ReadonlySet<string>): readonly string[] => [...ops].filter((op) => op.startsWith('Sampo'));
    expect(ours(opsOf(loadKernels()))).toHaveLength(loadKernels().size);
    expect(ours(opsOf(new Set()))).toEqual([]);
    expect(loadKernels({ SAMPO_KERNELS: 'none' }).size).toBe(0);
  });
});
