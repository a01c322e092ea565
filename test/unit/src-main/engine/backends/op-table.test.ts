import { afterAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { largest } from '../../../../../src-main/shared/extremes';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import type { Program, Session } from '../../../../../src-main/engine/graph/types';
import { compileEager } from '../../../../../src-main/engine/backends/eager/session';
import { kernels } from '../../../../../src-main/engine/backends/eager/kernels';
import { lowerings } from '../../../../../src-main/engine/backends/tensorflow/ops';
import { loadBinding } from '../../../../../src-main/engine/backends/tensorflow/binding';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { opCases } from '../../../support/op-cases';
import { caseFeeds, interpretEntry, opProgram } from '../../../support/op-programs';

const compilers = {
  tensorflow: compileTensorflow,
  cpu: async (p: Program) => (await compileEager('cpu'))(p),
  wasm: async (p: Program) => (await compileEager('wasm'))(p),
};

describe.each(Object.entries(compilers))('%s', (backend, compile) => {
  const program = opProgram();
  let session: Session | undefined;
  afterAll(() => session?.dispose());

  it.each(opCases.map((c) => [c.name, c] as const))('%s as the interpreter', async (name, opCase) => {
    session ??= await compile(program);
    const feeds = caseFeeds(opCase);
    const expected = interpretEntry(program.entries.find((e) => e.name === name)!, feeds);
    const actual = session.run(
      name,
      Object.fromEntries(Object.entries(feeds).map(([feed, values]) => [feed, Float32Array.from(values)])),
    );
    for (const [output, values] of Object.entries(expected)) {
      const scale = Math.max(1, largest(values, Math.abs) ?? 0);
      values.forEach((value, i) =>
        expect(
          Math.abs(actual[output]![i]! - value),
          `${output}[${i}]: ${actual[output]![i]} against ${value}`,
        ).toBeLessThan(1e-5 * scale),
      );
    }
  });

  it('reads variables before it updates them, and keeps them between calls', async () => {
    const builder = new ProgramBuilder();
    const [a, b] = [builder.variable('a', 'f32', [2]), builder.variable('b', 'f32', [2])];
    builder.entry('swap', (g) => {
      const [x, y] = [g.read(a), g.read(b)];
      return {
        outputs: { sum: g.add(x, y) },
        updates: [
          { kind: 'assign', variable: a, value: y },
          { kind: 'assign-add', variable: b, value: g.sub(x, y) },
        ],
      };
    });
    const s = await compile(builder.build());
    s.setVariable('a', Float32Array.of(1, 2));
    expect(Array.from(s.run('swap', {}).sum!)).toEqual([1, 2]); // b starts at zeros
    expect([Array.from(s.getVariable('a')), Array.from(s.getVariable('b'))]).toEqual([
      [0, 0],
      [1, 2],
    ]);
    s.run('swap', {}, []);
    expect(s.getVariables(['a', 'b'])).toEqual({ a: Float32Array.of(1, 2), b: Float32Array.of(0, 0) });
    s.dispose();
  });

  it('adds to one row of a variable, and leaves the others', async () => {
    const builder = new ProgramBuilder();
    const rows = builder.variable('rows', 'f32', [3, 2, 2]);
    builder.entry('add', (g) => ({
      outputs: {},
      updates: [
        { kind: 'add-row', variable: rows, row: g.input('row', 'i32', []), value: g.input('x', 'f32', [2, 2]) },
      ],
    }));
    const s = await compile(builder.build());
    for (const [row, x] of [
      [1, 1],
      [2, 10],
      [1, 2],
    ] as const)
      s.run('add', { row: Int32Array.of(row), x: Float32Array.of(x, x + 1, x + 2, x + 3) });
    expect(Array.from(s.getVariable('rows'))).toEqual([0, 0, 0, 0, 3, 5, 7, 9, 10, 11, 12, 13]);
    s.dispose();
  });

  it('steps as torch.optim.AdamW, epsilon and weight decay included', async () => {
    const builder = new ProgramBuilder();
    const [p, m, v] = ['p', 'm', 'v'].map((name) => builder.variable(name, 'f32', [2])) as [
      ReturnType<ProgramBuilder['variable']>,
      ReturnType<ProgramBuilder['variable']>,
      ReturnType<ProgramBuilder['variable']>,
    ];
    builder.entry('step', (g) => {
      const scalar = (name: string) => g.input(name, 'f32', []);
      return {
        outputs: {},
        updates: [
          {
            kind: 'adam',
            variable: p,
            m,
            v,
            gradient: g.input('gradient', 'f32', [2]),
            rate: scalar('rate'),
            beta1: g.constant(0.9),
            beta2: g.constant(0.999),
            epsilon: scalar('epsilon'),
            decay: scalar('decay'),
          },
        ],
      };
    });
    const s = await compile(builder.build());
    s.setVariable('p', Float32Array.of(1, -2));
    const [lr, eps, wd] = [0.1, 1e-3, 0.01];
    let [expected, mean, square] = [
      [1, -2],
      [0, 0],
      [0, 0],
    ];
    for (let t = 1; t <= 3; t++) {
      const gradient = [0.3 * t, -0.001];
      const correction = Math.sqrt(1 - 0.999 ** t);
      s.run('step', {
        gradient: Float32Array.from(gradient),
        rate: Float32Array.of((lr * correction) / (1 - 0.9 ** t)),
        epsilon: Float32Array.of(eps * correction),
        decay: Float32Array.of(1 - lr * wd),
      });
      mean = mean.map((x, i) => 0.9 * x + 0.1 * gradient[i]!);
      square = square.map((x, i) => 0.999 * x + 0.001 * gradient[i]! ** 2);
      expected = expected.map(
        (x, i) =>
          x * (1 - lr * wd) - (lr * (mean[i]! / (1 - 0.9 ** t))) / (Math.sqrt(square[i]! / (1 - 0.999 ** t)) + eps),
      );
    }
    Array.from(s.getVariable('p')).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 5));
    s.dispose();
  });

  it('refuses wrong feeds by name, before anything runs', async () => {
    session ??= await compile(program);
    const name = 'matmul false false [[3,4],[4,5]]';
    expect(() => session!.run('nothing', {})).toThrow(/no entry nothing/);
    expect(() => session!.run(name, { x0: new Float32Array(12) })).toThrow(/needs feed x1/);
    expect(() => session!.run(name, { x0: new Float32Array(12), x1: new Float32Array(3) })).toThrow(
      /feed x1 .* has 3 numbers, not the 20/,
    );
    expect(() =>
      session!.run(name, { x0: new Float32Array(12), x1: new Float32Array(20), x2: new Float32Array(1) }),
    ).toThrow(/takes no feed x2/);
  });

  it('leaves no tensor behind in 100 calls', async () => {
    session ??= await compile(program);
    const live = (): number => (backend === 'tensorflow' ? loadBinding().getNumOfTensors() : tf.memory().numTensors);
    const opCase = opCases.find((c) => c.name === 'call, residuals products')!;
    const feeds = Object.fromEntries(
      Object.entries(caseFeeds(opCase)).map(([feed, values]) => [feed, Float32Array.from(values)]),
    );
    session.run(opCase.name, feeds);
    const before = live();
    for (let i = 0; i < 100; i++) session.run(opCase.name, feeds);
    expect(live()).toBe(before);
  });
});

describe('tables of backends', () => {
  it('do not compile where an op is missing, or takes attributes that its nodes do not have', () => {
    const { sum: _sum, ...incomplete } = lowerings;
    // @ts-expect-error: no sum
    const withoutSum: typeof lowerings = incomplete;
    // @ts-expect-error: a sum has axes, no axis
    const wrong: typeof lowerings = { ...lowerings, sum: (e, _inputs, node) => e.int(node.attrs.axis) };
    // @ts-expect-error: no split
    const withoutSplit: typeof kernels = (({ split: _split, ...others }) => others)(kernels);
    expect([withoutSum, wrong, withoutSplit]).toHaveLength(3);
  });

  it('hold the same ops in every backend', () => {
    expect(Object.keys(kernels).sort()).toEqual(Object.keys(lowerings).sort());
  });
});
