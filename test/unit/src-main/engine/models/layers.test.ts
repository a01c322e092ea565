import { expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import { sizeOf } from '../../../../../src-main/engine/graph/shapes';
import { compileTensorflow } from '../../../../../src-main/engine/lower/tensorflow/session';
import { attention, causalAttention, segmentBias } from '../../../../../src-main/engine/models/layers';
import { seeded } from '../../../support/tiny-config';

it.each([
  ['one block', 12],
  ['three uneven blocks', 1000],
])('causalAttention is attention, with its gradients: %s', async (_name, tokens) => {
  const shapes = { q: [1, 4, tokens, 6], k: [1, 2, tokens, 6], v: [1, 2, tokens, 6] } as const;
  const program = new ProgramBuilder();
  const variables = Object.entries(shapes).map(([name, shape]) => program.variable(name, 'f32', shape));
  for (const [name, attend] of Object.entries({ attention, causalAttention })) {
    program.entry(name, (g) => {
      const [q, k, v] = variables.map((variable) => g.read(variable)) as [ReturnType<typeof g.read>, ReturnType<typeof g.read>, ReturnType<typeof g.read>];
      const mixed = attend(g, q, k, v, segmentBias(g, g.input('segments', 'i32', [1, tokens])));
      const [dq, dk, dv] = gradients(g, g.sum(g.square(mixed), [0, 1, 2, 3]), [q, k, v]);
      return { outputs: { mixed, dq: dq!, dk: dk!, dv: dv! }, updates: [] };
    });
  }
  const session = await compileTensorflow(program.build());
  try {
    const random = seeded(7);
    for (const [name, shape] of Object.entries(shapes)) session.setVariable(name, Float32Array.from({ length: sizeOf(shape) }, () => 4 * (random() - 0.5)));
    const segments = Int32Array.from({ length: tokens }, (_, i) => Math.floor((3 * i) / tokens));
    const [whole, blocks] = ['attention', 'causalAttention'].map((name) => session.run(name, { segments }));
    for (const name of Object.keys(whole!)) {
      const worst = Math.max(...whole![name]!.map((x, i) => Math.abs(x - blocks![name]![i]!)));
      expect(worst, name).toBeLessThan(1e-4); // of sums up to 10
      expect(Math.max(...blocks![name]!), name).toBeGreaterThan(0.1);
    }
  } finally {
    session.dispose();
  }
});
