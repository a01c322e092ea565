import { elementCount } from '../../graph/shapes';
import type { GraphBuilder, Value } from '../../graph/types';
import type { ModelShape } from '../types';

// B rows, T tokens, R rotary dims of a head (R <= head dim)

/** cos and sin of every token's angles, times `scale`; sin with the sign that its half of a head takes. */
interface Tables {
  readonly cos: Value; // [B, 1, T, R]
  readonly sin: Value;
  readonly scale: number;
}

/** Queries carry attention's 1 / sqrt(head dim) in their tables, so that nobody has to multiply by it. */
export interface Rotary {
  readonly query: Tables;
  readonly key: Tables;
}

/**
 * Inverse frequencies [R / 2] of rotary position embeddings (Su et al. 2021, arXiv 2104.09864), with the linear and
 * Llama 3 scalings as transformers' `modeling_rope_utils` computes them.
 */
export function inverseFrequencies({ theta, dims, scaling }: ModelShape['rope']): Float32Array {
  const plain = Float32Array.from({ length: dims / 2 }, (_, i) => 1 / theta ** ((2 * i) / dims));
  if (scaling === null) return plain;
  if (scaling.kind === 'factors') return plain.map((f, i) => f / scaling.factors[i]!);
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

/** The values of a rotary's tables, to pass into a function, and a rotary of those that stand for them there. */
export const rotaryValues = ({ query, key }: Rotary): readonly Value[] => [query.cos, query.sin, key.cos, key.sin];
export const rotaryOf = (config: ModelShape, [queryCos, querySin, keyCos, keySin]: readonly Value[]): Rotary => ({
  query: { cos: queryCos!, sin: querySin!, scale: queryScale(config) },
  key: { cos: keyCos!, sin: keySin!, scale: 1 },
});

const queryScale = ({ headDim }: ModelShape): number => 1 / Math.sqrt(headDim);

/** Tables for the positions of a batch, made in the graph: positions restart inside a shared-prefix row. */
export function rotaryTables(g: GraphBuilder, config: ModelShape, positions: Value): Rotary {
  const [rows, tokens] = positions.shape as readonly [number, number];
  const half = config.rope.dims / 2;
  const frequencies = g.constant(inverseFrequencies(config.rope), 'f32', [1, 1, 1, half]);
  const angles = g.mul(g.reshape(g.cast(positions, 'f32'), [rows, 1, tokens, 1]), frequencies); // [B, 1, T, R/2]
  const [c, s] = [g.cos(angles), g.sin(angles)];
  const cos = g.concat([c, c], 3);
  const sin = g.concat([g.neg(s), s], 3);
  const scale = queryScale(config);
  return { query: { cos: g.mul(cos, scale), sin: g.mul(sin, scale), scale }, key: { cos, sin, scale: 1 } };
}

/**
 * x [M, H * d] or [B, T, H, d] -> [B, H, T, d], the first R dims of every head rotated and all scaled. Halves are
 * paired as transformers pairs them (i with i + R/2): with the sign in sin's table, y = x cos + roll(x, R/2) sin, whose
 * transpose is dx = dy cos + roll(dy sin, R/2).
 */
export function rotatedHeads(g: GraphBuilder, x: Value, heads: number, { cos, sin, scale }: Tables): Value {
  const [rows, , tokens, dims] = cos.shape as readonly [number, number, number, number];
  const headDim = elementCount(x.shape) / (rows * tokens * heads);
  const byToken = [rows, tokens, heads, headDim];
  /** In both directions, with what is done to the dims that turn. */
  const turn = (gf: GraphBuilder, y: Value, part: (turning: Value) => Value): Value => {
    if (dims === headDim) return part(y);
    const [turning, rest] = gf.split(y, [dims, headDim - dims], 3) as readonly [Value, Value];
    return gf.concat([part(turning), scale === 1 ? rest : gf.mul(rest, scale)], 3);
  };
  const [rotated] = g.fused('RotaryHeads', [g.reshape(x, byToken), cos, sin, g.constant(scale)], (gf, [y, c, s]) => [
    turn(gf, gf.transpose(y!, [0, 2, 1, 3]), (part) =>
      gf.add(gf.mul(part, c!), gf.mul(gf.roll(part, dims / 2, 3), s!)),
    ),
  ]);
  return g.withGradient(
    rotated!,
    [x],
    (gr, dy) => {
      const [dx] = gr.fused('RotaryHeadsGradient', [dy, cos, sin, gr.constant(scale)], (gf, [d, c, s]) => [
        gf.transpose(
          turn(gf, d!, (part) => gf.add(gf.mul(part, c!), gf.roll(gf.mul(part, s!), dims / 2, 3))),
          [0, 2, 1, 3],
        ),
      ]);
      return [gr.reshape(dx!, x.shape)];
    },
    [cos, sin],
  );
}
