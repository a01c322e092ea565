import { afterEach, describe, expect, it } from 'vitest';
import { ProgramBuilder } from '../../../../../../src-main/engine/graph/program';
import type { Call, Session } from '../../../../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../../../../src-main/engine/backends/tensorflow/session';

const open: Session[] = [];
afterEach(() => {
  for (const session of open.splice(0)) session.dispose();
});

const size = 384;
const never = (): Promise<boolean> => Promise.resolve(false);

/**
 * `add`: sums[lane] += x, and y = x w twenty times over, which takes some milliseconds. `fail`: fails inside TensorFlow
 * for an index out of range.
 */
async function lanesSession(lanes = 2): Promise<Session> {
  const builder = new ProgramBuilder(lanes);
  const sums = builder.variable('sums', 'f32', [2, size, size]);
  const w = builder.variable('w', 'f32', [size, size]);
  builder.entry('add', (g) => {
    const x = g.input('x', 'f32', [size, size]);
    const matrix = g.read(w);
    const y = Array.from({ length: 20 }).reduce<typeof x>((product) => g.matmul(product, matrix), x);
    return {
      outputs: { y },
      updates: [{ kind: 'add-row', variable: sums, row: g.input('lane', 'i32', []), value: x }],
    };
  });
  builder.entry('fail', (g) => ({ outputs: { y: g.gather(g.read(w), g.input('index', 'i32', [1])) }, updates: [] }));
  const session = await compileTensorflow(builder.build());
  open.push(session);
  session.setVariable(
    'w',
    Float32Array.from({ length: size ** 2 }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  );
  return session;
}

const matrix = (value: number): Float32Array => new Float32Array(size ** 2).fill(value);
const add = (lane: number, value: number): Call => ({
  entry: 'add',
  feeds: { x: matrix(value), lane: Int32Array.of(lane) },
});
const sumsOf = (session: Session): readonly number[] => [
  session.getVariable('sums')[0]!,
  session.getVariable('sums')[size ** 2]!,
];

describe('calls in lanes', () => {
  it('give each lane’s results where its calls lie, and add to its own row, in its order', async () => {
    const session = await lanesSession();
    const results = await session.runLanes(
      [
        [add(0, 1), add(0, 2)],
        [add(1, 10), add(1, 20), add(1, 30)],
      ],
      never,
    );
    expect(results!.map((lane) => lane.map(({ y }) => y!.at(-1)))).toEqual([
      [1, 2],
      [10, 20, 30],
    ]);
    expect(sumsOf(session)).toEqual([3, 60]);
    expect(session.run('add', { x: matrix(5), lane: Int32Array.of(0) }, ['y'])['y']!.slice(0, 2)).toEqual(
      Float32Array.of(5, 5),
    );
    expect(sumsOf(session)).toEqual([8, 60]);
  });

  it('give the same where a session has one lane', async () => {
    const session = await lanesSession(1);
    const results = await session.runLanes([[add(0, 1)], [add(1, 10), add(1, 20)]], never);
    expect(results!.map((lane) => lane.map(({ y }) => y![0]))).toEqual([[1], [10, 20]]);
    expect(sumsOf(session)).toEqual([1, 30]);
  });

  it('leave JavaScript’s thread free, and take what they are fed before they return', async () => {
    const session = await lanesSession();
    const x = matrix(1);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const running = session.runLanes(
      [Array.from({ length: 20 }, () => ({ entry: 'add', feeds: { x, lane: Int32Array.of(0) } })), []],
      never,
    );
    x.fill(99);
    expect((await running)!.flat().every(({ y }) => y![0] === 1)).toBe(true);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it('end between two calls where somebody wants that', async () => {
    const session = await lanesSession();
    const lane = (index: number): readonly Call[] => Array.from({ length: 400 }, () => add(index, 1));
    expect(await session.runLanes([lane(0), lane(1)], () => Promise.resolve(true))).toBeNull();
    for (const sum of sumsOf(session)) expect(sum).toBeLessThan(400);
  });

  it('fail with TensorFlow’s words, and leave a session that goes on', async () => {
    const session = await lanesSession();
    const fail: Call = { entry: 'fail', feeds: { index: Int32Array.of(size) } };
    await expect(session.runLanes([[add(0, 1)], [fail, add(1, 1)]], never)).rejects.toMatchObject({
      error: {
        code: 'engine-failed',
        message: expect.stringMatching(/could not run a step: .*not in \[0, 384\)/) as string,
      },
    });
    expect(sumsOf(session)).toEqual([1, 0]);
    expect(() => session.run('fail', fail.feeds)).toThrow(/could not run a step/);
    await expect(session.runLanes([[{ entry: 'add', feeds: {} }]], never)).rejects.toThrow(/needs feed x/);
  });

  it('say so where the session was disposed', async () => {
    const session = await lanesSession();
    session.run('add', { x: matrix(1), lane: Int32Array.of(0) }, []);
    session.dispose();
    expect(() => session.run('add', { x: matrix(1), lane: Int32Array.of(0) })).toThrow(/was released/);
    await expect(session.runLanes([[add(0, 1)]], never)).rejects.toThrow(/was released/);
  });

  it('leave no memory behind', async () => {
    const session = await lanesSession();
    const step = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await session.runLanes([[add(0, 1)], [add(1, 1)]], never);
    };
    await step(20);
    const before = process.memoryUsage();
    await step(100); // feeds and fetches 236 MB
    const after = process.memoryUsage();
    expect(after.rss - before.rss - Math.max(0, after.arrayBuffers - before.arrayBuffers)).toBeLessThan(60 << 20);
  });
});
