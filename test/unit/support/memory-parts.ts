import type { MemoryParts } from '../../../src-main/shared/runs/memory-parts';

/** No memory at all: a test fills in what it is about. */
export const noMemory: MemoryParts = {
  runtime: 0,
  parameters: 0,
  adapters: 0,
  optimizer: 0,
  gradients: 0,
  liveReference: 0,
  activations: 0,
  logits: 0,
  updates: 0,
  generation: 0,
  graphs: 0,
  transfer: 0,
};
