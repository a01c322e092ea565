import type { GraphBuilder, Value } from '../graph/types';
import type { ModelConfig } from './types';

// B rows, T tokens, R rotary dims of a head (R <= head dim)

export interface Rotary {
  readonly cos: Value; // [B, 1, T, R]
  readonly sin: Value;
}

/**
 * Inverse frequencies [R / 2] of rotary position embeddings (Su et al. 2021, arXiv 2104.09864), with the linear and Llama 3 scalings
 * as transformers' `modeling_rope_utils` computes them.
 */
export function inverseFrequencies({ rope }: ModelConfig): Float32Array {
  const half = rope.dims / 2;
  const plain = Float32Array.from({ length: half }, (_, i) => 1 / rope.theta ** ((2 * i) / rope.dims));
  const scaling = rope.scaling;
  if (scaling === null) return plain;
  if (scaling.kind === 'linear') return plain.map((f) => f / scaling.factor);
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = scaling;
  const longest = originalContext / lowFrequencyFactor; // wavelengths above it are stretched by `factor`
  const shortest = originalContext / highFrequencyFactor; // wavelengths below it stay
  return plain.map((f) => {
    const wavelength = (2 * Math.PI) / f;
    if (wavelength < shortest) return f;
    if (wavelength > longest) return f / factor;
    const smooth = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return (1 - smooth) * (f / factor) + smooth * f;
  });
}

/** Tables for the positions of a batch, made in the graph: positions restart inside a shared-prefix row. */
export function rotaryTables(g: GraphBuilder, config: ModelConfig, positions: Value): Rotary {
  const [rows, tokens] = positions.shape as readonly [number, number];
  const half = config.rope.dims / 2;
  const frequencies = g.constant(inverseFrequencies(config), 'f32', [1, 1, 1, half]);
  const angles = g.mul(g.reshape(g.cast(positions, 'f32'), [rows, 1, tokens, 1]), frequencies); // [B, 1, T, R/2]
  const both = g.concat([angles, angles], 3);
  return { cos: g.cos(both), sin: g.sin(both) };
}

/** Rotates the first R dims of every head; x: [B, H, T, head dim]. Halves are paired as transformers pairs them (i with i + R/2). */
export function rotate(g: GraphBuilder, x: Value, { cos, sin }: Rotary): Value {
  const [rows, heads, tokens, headDim] = x.shape as readonly [number, number, number, number];
  const dims = cos.shape[3]!;
  const half = dims / 2;
  const part = (from: number, size: number): Value => g.slice(x, [0, 0, 0, from], [rows, heads, tokens, size]);
  const turning = dims === headDim ? x : part(0, dims);
  const turned = g.concat([g.neg(part(half, half)), part(0, half)], 3);
  const rotated = g.add(g.mul(turning, cos), g.mul(turned, sin));
  return dims === headDim ? rotated : g.concat([rotated, part(dims, headDim - dims)], 3);
}
