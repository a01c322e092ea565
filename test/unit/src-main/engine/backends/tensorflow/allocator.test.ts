import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ProgramBuilder } from '../../../../../../src-main/engine/graph/program';
import { heapFile, mostTensorBytes, useHeap } from '../../../../../../src-main/engine/backends/tensorflow/allocator';
import { compileTensorflow } from '../../../../../../src-main/engine/backends/tensorflow/session';

const onLinux = it.skipIf(process.platform !== 'linux');

onLinux('is put in place by set-up, and can be switched off', () => {
  expect(heapFile({})).toMatch(/sampo_heap\.node$/);
  expect(heapFile({ SAMPO_HEAP: 'none' })).toBeNull();
});

it('gives way to the system’s allocator, never to oneDNN’s pool, unless somebody asks for that', () => {
  const [without, asked]: Record<string, string | undefined>[] = [{}, { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' }];
  for (const environment of [without!, asked!]) useHeap(null, environment);
  expect([without, asked]).toEqual([{ TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '1' }, { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' }]);
});

it('holds no tensor in one piece that Electron could not allot', () => {
  expect(mostTensorBytes(null)).toBe(2 ** 30);
  expect(() => new Float32Array(mostTensorBytes('heap') / 4)).not.toThrow();
});

/** Bytes of this process by a field of /proc/self/status. */
const status = (field: string): number =>
  1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))![1]);

// 1.2 GiB: without the heap, Electron's malloc makes 2 GiB of it and ends the process.
onLinux('a tensor above a gibibyte is computed, and what was freed serves again', async () => {
  const builder = new ProgramBuilder();
  const rows = (1.2 * 2 ** 30) / 4 / 1024;
  builder.entry('large', (g) => ({
    outputs: {
      total: g.mean(g.exp(g.broadcastTo(g.reshape(g.input('x', 'f32', [1024]), [1, 1024]), [rows, 1024])), [0, 1]),
    },
    updates: [],
  }));
  const session = await compileTensorflow(builder.build());
  try {
    const run = (): number => session.run('large', { x: new Float32Array(1024).fill(Math.LN2) })['total']![0]!;
    expect(run()).toBeCloseTo(2, 4);
    const held = status('VmRSS');
    expect(held).toBeGreaterThan(1.1 * 2 ** 30); // else it was no test
    for (let i = 0; i < 3; i++) run();
    expect(status('VmHWM')).toBeLessThan(held + 100e6);
  } finally {
    session.dispose();
  }
});
