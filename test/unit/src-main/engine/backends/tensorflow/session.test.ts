import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gradients } from '../../../../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../../../../src-main/engine/graph/program';
import type { Program, Residuals, Session, Variable } from '../../../../../../src-main/engine/graph/types';
import { heapFile } from '../../../../../../src-main/engine/backends/tensorflow/allocator';
import { loadBinding } from '../../../../../../src-main/engine/backends/tensorflow/binding';
import { compileTensorflow } from '../../../../../../src-main/engine/backends/tensorflow/session';
import { AppFailure } from '../../../../../../src-main/shared/result';

const open: Session[] = [];
const compile = async (program: Program): Promise<Session> => {
  const session = await compileTensorflow(program);
  open.push(session);
  return session;
};
afterEach(() => {
  for (const session of open.splice(0)) session.dispose();
});

const oneVariable = (): { readonly builder: ProgramBuilder; readonly w: Variable } => {
  const builder = new ProgramBuilder();
  return { builder, w: builder.variable('w', 'f32', [3]) };
};

describe('state', () => {
  it('starts from zeros that no update of another variable of the same shape can change', async () => {
    const { builder, w } = oneVariable();
    const [other, mean] = [builder.variable('other', 'f32', [3]), builder.variable('mean', 'f32', [3])];
    builder.entry('add', (g) => ({
      outputs: {},
      updates: [
        { kind: 'assign-add', variable: w, value: g.input('x', 'f32', [3]) },
        { kind: 'assign', variable: other, value: g.fill([3], 0) },
      ],
    }));
    builder.entry('grow', (g) => ({
      outputs: {},
      updates: [{ kind: 'assign-add', variable: other, value: g.add(g.read(mean), 1) }],
    }));
    const session = await compile(builder.build());
    session.run('add', { x: Float32Array.of(1, 2, 3) });
    session.run('add', { x: Float32Array.of(1, 2, 3) });
    session.run('grow', {});
    expect(session.getVariables(['w', 'other', 'mean'])).toEqual({
      w: Float32Array.of(2, 4, 6),
      other: Float32Array.of(1, 1, 1),
      mean: new Float32Array(3),
    });
  });

  it('belongs to one session: another one of the same program starts anew', async () => {
    const { builder, w } = oneVariable();
    builder.entry('read', (g) => ({ outputs: { w: g.mul(g.read(w), 1) }, updates: [] }));
    const [a, b] = [await compile(builder.build()), await compile(builder.build())];
    a.setVariable('w', Float32Array.of(1, 2, 3));
    expect(Array.from(a.run('read', {}).w!)).toEqual([1, 2, 3]);
    expect(Array.from(b.run('read', {}).w!)).toEqual([0, 0, 0]);
  });

  it('gives copies: writing to a fetched array changes nothing', async () => {
    const { builder } = oneVariable();
    const session = await compile(builder.build());
    session.setVariable('w', Float32Array.of(1, 2, 3));
    session.getVariable('w').fill(9);
    expect(session.getVariable('w')).toEqual(Float32Array.of(1, 2, 3));
  });

  it.each([3, 1 << 20])('keeps %i numbers of its own once it has run', async (size) => {
    const builder = new ProgramBuilder();
    builder.variable('w', 'f32', [size]);
    const session = await compile(builder.build());
    const given = new Float32Array(size).fill(1);
    session.setVariable('w', given);
    expect(session.getVariable('w')[size - 1]).toBe(1);
    given.fill(9);
    expect(session.getVariable('w').every((x) => x === 1)).toBe(true);
  });

  it('keeps bf16 and f16 as their bytes and reads them as the numbers they are', async () => {
    const builder = new ProgramBuilder();
    const [brain, half] = [builder.variable('brain', 'bf16', [2]), builder.variable('half', 'f16', [2])];
    builder.entry('widen', (g) => ({
      outputs: { brain: g.cast(g.read(brain), 'f32'), half: g.cast(g.read(half), 'f32') },
      updates: [],
    }));
    const session = await compile(builder.build());
    expect(Array.from(session.run('widen', {}).half!)).toEqual([0, 0]);
    // 1.5 and -2
    const bytes = { brain: Uint8Array.of(0xc0, 0x3f, 0x00, 0xc0), half: Uint8Array.of(0x00, 0x3e, 0x00, 0xc0) };
    for (const [name, data] of Object.entries(bytes)) session.setVariable(name, data);
    const { brain: wideBrain, half: wideHalf } = session.run('widen', {});
    expect([Array.from(wideBrain!), Array.from(wideHalf!)]).toEqual([
      [1.5, -2],
      [1.5, -2],
    ]);
    expect(session.getVariables(['brain', 'half'])).toEqual(bytes);
  });

  it('gives bytes and an odd number of halves back', async () => {
    const builder = new ProgramBuilder();
    const raw = builder.variable('raw', 'u8', [3]);
    builder.variable('odd', 'bf16', [3]);
    builder.entry('raw', (g) => ({ outputs: { raw: g.reshape(g.read(raw), [1, 3]) }, updates: [] }));
    const session = await compile(builder.build());
    session.setVariable('raw', Uint8Array.of(1, 128, 255));
    session.setVariable('odd', Uint8Array.of(1, 2, 3, 4, 250, 6));
    expect(session.run('raw', {})).toEqual({ raw: Uint8Array.of(1, 128, 255) });
    expect(session.getVariables(['raw', 'odd'])).toEqual({
      raw: Uint8Array.of(1, 128, 255),
      odd: Uint8Array.of(1, 2, 3, 4, 250, 6),
    });
  });

  it('runs updates of one variable in the order of the list, the moments of Adam included', async () => {
    const { builder, w } = oneVariable();
    const [m, v] = [builder.variable('m', 'f32', [3]), builder.variable('v', 'f32', [3])];
    builder.entry('step', (g) => {
      const one = g.constant(1);
      const adam = {
        kind: 'adam',
        variable: w,
        m,
        v,
        gradient: g.fill([3], 2),
        rate: one,
        beta1: g.constant(0.5),
        beta2: g.constant(0.5),
        epsilon: g.constant(0),
        decay: one,
      } as const;
      return {
        outputs: { before: g.mul(g.read(m), 1) },
        updates: [
          { kind: 'assign-add', variable: w, value: g.fill([3], 1) },
          adam,
          { kind: 'assign', variable: m, value: g.fill([3], 7) },
        ],
      };
    });
    const session = await compile(builder.build());
    expect(Array.from(session.run('step', {}).before!)).toEqual([0, 0, 0]);
    const { w: stepped, m: replaced, v: squares } = session.getVariables(['w', 'm', 'v']);
    expect(Array.from(replaced!)).toEqual([7, 7, 7]); // not Adam's 1
    expect(Array.from(squares!)).toEqual([2, 2, 2]);
    Array.from(stepped!).forEach((x) => expect(x).toBeCloseTo(1 - 1 / Math.SQRT2, 6));
  });
});

describe('functions', () => {
  it.each<Residuals>(['all', 'products', 'none'])(
    'called twice, residuals %s: the same gradient',
    async (residuals) => {
      const builder = new ProgramBuilder();
      const w = builder.variable('w', 'f32', [2, 2]);
      const square = { dtype: 'f32', shape: [2, 2] } as const;
      const layer = builder.function('layer', residuals, [square, square], (g, [x, weight]) => [
        g.tanh(g.matmul(x!, weight!)),
      ]);
      builder.entry('slope', (g) => {
        const weight = g.read(w);
        const y = g.call(layer, [g.call(layer, [g.input('x', 'f32', [2, 2]), weight])[0]!, weight])[0]!;
        return { outputs: { dw: gradients(g, g.sum(y, [0, 1]), [weight])[0]! }, updates: [] };
      });
      const session = await compile(builder.build());
      const x = [0.5, -0.25, 1, 0.75];
      const start = [0.3, -0.2, 0.1, 0.4];
      const forward = (weight: readonly number[]): number => {
        const apply = (a: readonly number[]): readonly number[] =>
          [0, 1, 2, 3].map((i) => Math.tanh(a[i & 2]! * weight[i & 1]! + a[(i & 2) + 1]! * weight[2 + (i & 1)]!));
        return apply(apply(x)).reduce((sum, y) => sum + y, 0);
      };
      session.setVariable('w', Float32Array.from(start));
      const dw = session.run('slope', { x: Float32Array.from(x) }).dw!;
      start.forEach((_, i) => {
        const at = (d: number): number => forward(start.map((s, j) => (i === j ? s + d : s)));
        expect(dw[i]).toBeCloseTo((at(1e-4) - at(-1e-4)) / 2e-4, 5);
      });
    },
  );
});

// with our heap, memory that was used once stays: what a first run adds is its peak
describe.runIf(heapFile() !== null)('what the backward pass keeps', () => {
  /** Growth of this process in a first run: a value is 4 MiB, a layer makes eight of them. */
  async function growth(residuals: Residuals): Promise<number> {
    const [layers, opsOfLayer, shape] = [12, 8, [1024, 1024]] as const;
    const builder = new ProgramBuilder();
    const layer = builder.function('layer', residuals, [{ dtype: 'f32', shape }], (g, [x]) => {
      let y = x!;
      for (let i = 0; i < opsOfLayer; i++) y = g.tanh(g.mul(y, 1.5));
      return [y];
    });
    builder.entry('slope', (g) => {
      const x = g.input('x', 'f32', shape);
      let y = x;
      for (let i = 0; i < layers; i++) y = g.call(layer, [y])[0]!;
      return { outputs: { total: g.sum(gradients(g, g.sum(y, [0, 1]), [x])[0]!, [0, 1]) }, updates: [] };
    });
    const session = await compile(builder.build());
    const before = process.memoryUsage().rss;
    session.run('slope', { x: new Float32Array(1 << 20).fill(0.1) });
    return (process.memoryUsage().rss - before) / (4 << 20);
  }

  it('is what a function says: 12 layers of 8 values, recomputed or kept', async () => {
    const [none, all] = [await growth('none'), await growth('all')];
    expect(none).toBeLessThan(40);
    expect(none + all).toBeGreaterThan(96); // the second one takes what the first one took again
  });
});

describe('what a session leaves behind', () => {
  it('no folder, and neither tensors nor memory over 100 calls', async () => {
    // a temp folder of its own: other test files compile sessions at the same time
    const temp = mkdtempSync(path.join(tmpdir(), 'sampo-session-'));
    vi.stubEnv('TMPDIR', temp);
    expect(tmpdir()).toBe(temp);
    const builder = new ProgramBuilder();
    const w = builder.variable('w', 'f32', [512, 512]);
    builder.entry('step', (g) => {
      const x = g.input('x', 'f32', [512, 512]);
      return { outputs: { y: g.matmul(x, g.read(w)) }, updates: [{ kind: 'assign-add', variable: w, value: x }] };
    });
    const session = await compile(builder.build());
    expect(readdirSync(temp)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(temp, { recursive: true });
    const x = new Float32Array(512 * 512).fill(0.01);
    const step = (times: number): void => {
      for (let i = 0; i < times; i++) session.run('step', { x });
    };
    step(20);
    const [tensors, bytes] = [loadBinding().getNumOfTensors(), process.memoryUsage()];
    step(100); // feeds and fetches 200 MB
    const after = process.memoryUsage();
    expect(loadBinding().getNumOfTensors()).toBe(tensors);
    // what the collector has not taken back yet is not a leak
    expect(after.rss - bytes.rss - Math.max(0, after.arrayBuffers - bytes.arrayBuffers)).toBeLessThan(60 << 20);
  });

  it('nothing on disposal, twice', async () => {
    const session = await compile(oneVariable().builder.build());
    session.dispose();
    expect(() => session.dispose()).not.toThrow();
  });
});

describe('refusals', () => {
  it('name the variable, the output and the type', async () => {
    const { builder, w } = oneVariable();
    builder.entry('read', (g) => ({ outputs: { w: g.mul(g.read(w), g.input('x', 'f32', [])) }, updates: [] }));
    const session = await compile(builder.build());
    expect(() => session.setVariable('u', new Float32Array(3))).toThrow(/no variable u/);
    expect(() => session.setVariable('w', new Float32Array(4))).toThrow(/variable w has 4 numbers, not the 3 of \[3\]/);
    expect(() => session.setVariable('w', new Int32Array(3))).toThrow(/variable w must be f32/);
    expect(() => session.run('read', { x: Float32Array.of(1) }, ['y'])).toThrow(/no output y/);
    expect(Array.from(session.run('read', { x: Float32Array.of(1) }).w!)).toEqual([0, 0, 0]);
  });

  it('a failure inside TensorFlow is an AppFailure with its message', async () => {
    const builder = new ProgramBuilder();
    const table = builder.variable('table', 'f32', [4, 2]);
    builder.entry('look', (g) => ({
      outputs: { rows: g.gather(g.read(table), g.input('at', 'i32', [1])) },
      updates: [],
    }));
    const session = await compile(builder.build());
    let failure: unknown;
    try {
      session.run('look', { at: Int32Array.of(9) });
    } catch (thrown) {
      failure = thrown;
    }
    expect(failure).toBeInstanceOf(AppFailure);
    expect((failure as AppFailure).error).toMatchObject({ code: 'engine-failed', details: { memory: false } });
    expect((failure as AppFailure).message).toMatch(/indices\[0\] = 9 is not in \[0, 4\)/);
  });
});
