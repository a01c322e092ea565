import type { ProgramBuilder } from '../graph/program';
import type { Value } from '../graph/types';
import { cachedLogits, cacheVariables } from '../model/cached-forward';
import { weightReader, type PackVariable } from '../model/forward';
import type { LoraPlan } from '../model/lora-plan';
import type { ModelConfig } from '../families/registry';
import type { GenerationShape } from './types';

// R generated rows, P prompt tokens

/** `prefill` and `decode`, with the key-value cache as variables of the program. */
export function addGeneration(
  program: ProgramBuilder,
  config: ModelConfig,
  lora: LoraPlan | null,
  { rows, promptTokens, capacity }: GenerationShape,
  variables: readonly PackVariable[],
): void {
  const cache = cacheVariables(program, config, rows, capacity);
  program.entry('prefill', (g) => {
    const ids = g.input('ids', 'i32', [rows, promptTokens]);
    const lengths = g.input('lengths', 'i32', [rows]);
    const positions = g.broadcastTo(g.reshape(g.range(promptTokens), [1, promptTokens]), [rows, promptTokens]);
    const last = g.cast(g.sub(g.cast(lengths, 'f32'), 1), 'i32');
    const { logits, updates } = cachedLogits(program, g, 'prefill', {
      config,
      lora,
      read: weightReader(g, variables),
      cache,
      ids,
      positions,
      last,
    });
    return { outputs: { logits }, updates };
  });
  program.entry('decode', (g) => {
    const ids = g.input('ids', 'i32', [rows]);
    const positions = g.input('positions', 'i32', [rows]);
    const asColumn = (x: Value): Value => g.reshape(x, [rows, 1]);
    const { logits, updates } = cachedLogits(program, g, 'decode', {
      config,
      lora,
      read: weightReader(g, variables),
      cache,
      ids: asColumn(ids),
      positions: asColumn(positions),
      last: g.constant(new Int32Array(rows), 'i32', [rows]),
    });
    return { outputs: { logits }, updates };
  });
}
