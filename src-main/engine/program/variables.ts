import type { ProgramBuilder } from '../graph/program';
import type { FloatFormat } from '../graph/types';
import { familyOf, type ModelConfig } from '../families/registry';
import { loraNames, type PackVariable } from '../model/forward';
import { sizeIn, type LoraPlan } from '../model/lora-plan';
import type { Pack } from '../model/packs';
import type { WeightSpec } from '../families/types';

// Which variables a program has, and what they are called.

export const gradientName = (weight: string): string => `gradient/${weight}`;
export const referenceName = (weight: string): string => `reference/${weight}`;
export const adamNames = (weight: string): { readonly m: string; readonly v: string } => ({
  m: `adam_m/${weight}`,
  v: `adam_v/${weight}`,
});

export const packsOf = (variables: readonly PackVariable[]): readonly Pack[] => variables.map(({ pack }) => pack);

export const variableOf = (program: ProgramBuilder, pack: Pack, dtype: FloatFormat = 'f32'): PackVariable => ({
  pack,
  variable: program.variable(pack.name, dtype, pack.shape),
});

/** Matrices that an adapter run never changes; norms and biases are too small to matter. */
export const isHalved = (w: WeightSpec, lora: LoraPlan | null): boolean =>
  lora !== null && w.shape.length === 2 && !isLora(w);

const isLora = (w: WeightSpec): boolean => w.name.endsWith('.lora_A.weight') || w.name.endsWith('.lora_B.weight');

/** A [rank, in] and B [out, rank] of every adapted module; the module is named without `.weight`. */
export function loraSpecs(config: ModelConfig, lora: LoraPlan | null): readonly WeightSpec[] {
  if (lora === null) return [];
  const linear = new Map(
    familyOf(config)
      .weights(config)
      .filter((w) => w.role === 'linear')
      .map((w) => [w.name, w]),
  );
  return lora.modules.flatMap((module): WeightSpec[] => {
    const base = linear.get(`${module}.weight`);
    if (!base) throw new Error(`LoRA names module ${module}, which is not a linear layer of this model`);
    const [out, input] = base.shape as readonly [number, number];
    const { a, b } = loraNames(module);
    const { rank } = sizeIn(lora, module);
    const same = { role: 'linear', layer: base.layer, module: base.module } as const;
    return [
      { name: a, shape: [rank, input], ...same },
      { name: b, shape: [out, rank], ...same },
    ];
  });
}
