import { inverseFrequencies } from '../shared/rope';
import type { RopeScaling } from '../types';

/**
 * `rope_scaling` of config.json that gives these factors of the rotary frequencies. llama.cpp keeps of Llama 3's
 * scaling only its result, so its numbers are looked for: every Llama 3 has the bands 1 and 4; the factor is the
 * largest, and a frequency between the bands tells the trained context. Null: they change nothing. Other factors are
 * written as `longrope` with one list for all lengths, which transformers computes alike.
 */
export function ropeFromFactors(
  factors: Float32Array,
  theta: number,
  dims: number,
  context: number,
): Readonly<Record<string, unknown>> | null {
  if (factors.every((f) => f === 1)) return null;
  const factor = nearestWhole(factors.reduce((most, f) => Math.max(most, f), 0));
  for (const originalContext of trainedContexts(factors, factor, theta, dims)) {
    const scaling = { kind: 'llama3', factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext } as const;
    if (gives(scaling, factors, theta, dims))
      return {
        rope_type: 'llama3',
        factor,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: originalContext,
      };
  }
  const list = Array.from(factors);
  return {
    rope_type: 'longrope',
    short_factor: list,
    long_factor: list,
    attention_factor: 1,
    original_max_position_embeddings: context,
  };
}

function trainedContexts(factors: Float32Array, factor: number, theta: number, dims: number): readonly number[] {
  const between = factors.findIndex((f) => f > 1 + 1e-4 && f < factor * (1 - 1e-4));
  // no frequency falls between: any power of two that gives the same
  if (between < 0) return Array.from({ length: 18 }, (_, i) => 2 ** (i + 4));
  const smooth = (1 / factors[between]! - 1 / factor) / (1 - 1 / factor);
  const wavelength = 2 * Math.PI * theta ** ((2 * between) / dims);
  return [Math.round(wavelength * (1 + 3 * smooth))];
}

const nearestWhole = (value: number): number =>
  Math.abs(value - Math.round(value)) < 1e-4 ? Math.round(value) : value;

function gives(scaling: RopeScaling, factors: Float32Array, theta: number, dims: number): boolean {
  const plain = inverseFrequencies({ theta, dims, scaling: null });
  return inverseFrequencies({ theta, dims, scaling }).every(
    (frequency, i) => Math.abs(plain[i]! / frequency / factors[i]! - 1) < 2e-6,
  );
}
