import { expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import type { HostArray } from '../../../../../src-main/engine/graph/types';
import { elementCount } from '../../../../../src-main/engine/graph/shapes';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { attention, causalAttention, segmentBias } from '../../../../../src-main/engine/model/attention';
import { joinHeads } from '../../../../../src-main/engine/families/shared/layers';
import { seeded } from '../../../support/tiny-config';

const largest = (values: HostArray): number => Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Ends of prompt, chosen and rejected in a row, as parts of it; the rest is padding. */
const ends = [
  [1 / 3, 2 / 3, 1],
  [0.1, 0.75, 0.8],
] as const;

it.each([
  ['one block', 12, 6, 2],
  ['one block of the kernel', 12, 32, 2],
  ['uneven blocks', 1000, 6, 2],
  ['uneven blocks of the kernel', 1000, 64, 2],
  ['a width of five vectors, as many heads for keys as for queries', 131, 80, 4],
])('causalAttention is attention, with its gradients: %s', async (_name, tokens, width, kvHeads) => {
  const shapes = { q: [2, 4, tokens, width], k: [2, kvHeads, tokens, width], v: [2, kvHeads, tokens, width] } as const;
  const program = new ProgramBuilder();
  const variables = Object.entries(shapes).map(([name, shape]) => program.variable(name, 'f32', shape));
  const plainly: typeof causalAttention = (g, q, k, v, segments) =>
    joinHeads(g, attention(g, q, k, v, segmentBias(g, segments)));
  for (const [name, attend] of Object.entries({ plainly, causalAttention })) {
    program.entry(name, (g) => {
      const [q, k, v] = variables.map((variable) => g.read(variable)) as [
        ReturnType<typeof g.read>,
        ReturnType<typeof g.read>,
        ReturnType<typeof g.read>,
      ];
      const mixed = attend(g, q, k, v, g.input('segments', 'i32', [2, tokens]));
      const [dq, dk, dv] = gradients(g, g.sum(g.square(mixed), [0, 1]), [q, k, v]);
      return { outputs: { mixed, dq: dq!, dk: dk!, dv: dv! }, updates: [] };
    });
  }
  const session = await compileTensorflow(program.build());
  try {
    const random = seeded(7);
    for (const [name, shape] of Object.entries(shapes))
      session.setVariable(
        name,
        Float32Array.from(
          { length: elementCount(shape) },
          () => (name === 'q' ? 8 / Math.sqrt(width) : 4) * (random() - 0.5),
        ),
      );
    const segments = Int32Array.from(
      ends.flatMap((row) => Array.from({ length: tokens }, (_, i) => row.filter((end) => i >= end * tokens).length)),
    );
    const [whole, blocks] = ['plainly', 'causalAttention'].map((name) => session.run(name, { segments }));
    for (const name of Object.keys(whole!)) {
      const worst = largest(whole![name]!.map((x, i) => x - blocks![name]![i]!));
      expect(worst / largest(whole![name]!), name).toBeLessThan(1e-5);
      expect(largest(blocks![name]!), name).toBeGreaterThan(0.1);
    }
  } finally {
    session.dispose();
  }
});
