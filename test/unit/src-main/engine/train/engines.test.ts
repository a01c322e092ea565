import { describe, expect, it } from 'vitest';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { openEngine } from '../../../../../src-main/engine/backends/registry';
import { metricsOf, randomPairs, series, specOf, tinyRun } from './fixture';

const pairs = randomPairs(6);
const spec = specOf({
  method: { id: 'sampo' },
  adapter: { kind: 'lora', rank: 2, alpha: 4 },
  training: { maxSteps: 4, pairsPerStep: 3 },
});

describe.each(['wasm', 'cpu'] as const)('the %s engine', (choice) => {
  it('trains as TensorFlow does', async () => {
    const { compile, info } = await openEngine(choice);
    expect(info.backend).toBe(choice);
    const eager = await tinyRun({ spec, pairs, compile });
    const graph = await tinyRun({ spec, pairs, compile: compileTensorflow });
    expect(metricsOf(eager.events)[0]!.values['loss']).toBeCloseTo(Math.LN2, 6);
    for (const name of ['loss', 'grad_norm', 'rewards/margins', 'logps/chosen']) {
      const expected = series(graph.events, name);
      series(eager.events, name).forEach((value, i) =>
        expect(Math.abs(value - expected[i]!), `${name} of step ${i + 1}`).toBeLessThan(
          5e-4 * Math.max(0.1, Math.abs(expected[i]!)),
        ),
      );
    }
  });
});
