import { expect, it } from 'vitest';
import { memoryPartWords } from '../../../../../src-main/shared/runs/memory-parts';

it('every part of a run’s memory has a name of its own and a sentence', () => {
  expect(Object.entries(memoryPartWords).map(([part, [label]]) => `${part}: ${label}`)).toEqual([
    'runtime: Program',
    'parameters: Model',
    'adapters: Adapter',
    'optimizer: Optimizer',
    'gradients: Gradients',
    'liveReference: Reference',
    'activations: Activations',
    'logits: Logits',
    'updates: Updates',
    'generation: Probes',
    'graphs: Graphs',
    'transfer: Transfer',
  ]);
  for (const [, sentence] of Object.values(memoryPartWords)) expect(sentence).toMatch(/^[A-Z].*\.$/);
});
