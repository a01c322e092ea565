import { elementCount } from '../../../src-main/engine/graph/shapes';
import type { FloatFormat, Session } from '../../../src-main/engine/graph/types';
import type { Pack } from '../../../src-main/engine/model/packs';
import type { ModelConfig } from '../../../src-main/engine/families/registry';
import type { WeightSpec } from '../../../src-main/engine/families/types';
import { itself, setPacks } from '../../../src-main/engine/program/pack-tensors';
import { floatToBfloat, floatToHalf } from '../../../src-main/engine/weights/numbers';

type OfFamily<Id extends ModelConfig['family']> = Extract<ModelConfig, { readonly family: Id }>;

/** Small models with weights large enough that a mistake shows. */
export const tinyLlama = (overrides: Partial<OfFamily<'llama'>> = {}): OfFamily<'llama'> => ({
  family: 'llama',
  layers: 2,
  width: 24,
  heads: 4,
  kvHeads: 2,
  headDim: 6,
  ffWidth: 40,
  vocabulary: 31,
  contextLength: 128,
  normEpsilon: 1e-5,
  tiedHead: true,
  rope: { theta: 10000, dims: 6, scaling: null },
  huggingFace: {},
  own: { attentionBias: false, mlpBias: false },
  ...overrides,
});

export const tinyNeox = (overrides: Partial<OfFamily<'gpt_neox'>> = {}): OfFamily<'gpt_neox'> => ({
  ...tinyLlama(),
  family: 'gpt_neox',
  kvHeads: 4,
  tiedHead: false,
  rope: { theta: 10000, dims: 4, scaling: null },
  own: { attentionBias: true, parallelResidual: true, activation: 'gelu' },
  ...overrides,
});

/** A seeded generator for tests (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Gives every weight random values: norms around 1, everything else uniform in ±0.5; LoRA B is not zero, so that
 * adapters act.
 */
export function randomizeWeights(
  session: Session,
  packs: readonly Pack[],
  seed = 1,
  storageOf: (spec: WeightSpec) => FloatFormat = () => 'f32',
): void {
  const random = seeded(seed);
  const valuesOf = ({ name, shape, role }: WeightSpec): Float32Array => {
    const centre = role === 'norm' && name.endsWith('weight') ? 1 : 0;
    return Float32Array.from({ length: elementCount(shape) }, () => centre + (random() - 0.5));
  };
  for (const pack of packs) {
    const storage = storageOf(pack.members[0]!);
    if (storage === 'f32') setPacks(session, [pack], itself, valuesOf);
    else session.setVariable(pack.name, halves(valuesOf(pack.members[0]!), storage));
  }
}

/** Values as a variable of halves takes them. */
export function halves(values: Float32Array, dtype: 'bf16' | 'f16'): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, dtype === 'bf16' ? floatToBfloat : floatToHalf).buffer);
}
