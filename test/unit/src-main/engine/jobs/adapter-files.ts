import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loraNames } from '../../../../../src-main/engine/model/forward';
import { sizeIn, type LoraPlan } from '../../../../../src-main/engine/model/lora-plan';
import { writeSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { seeded, tinyLlama } from '../../../support/tiny-config';

const outOf: Readonly<Record<string, number>> = { q_proj: 24, v_proj: 12 };

/** The modules of `tinyLlama` that these tests adapt. */
export const adapted = Array.from({ length: tinyLlama().layers }, (_, layer) =>
  Object.keys(outOf).map((name) => `model.layers.${layer}.self_attn.${name}`),
).flat();

/** A random adapter of the tiny model in the shapes of `plan`; `settings` go into adapter_config.json. */
export async function writeTinyAdapter(
  folder: string,
  plan: LoraPlan,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    r: plan.rank,
    lora_alpha: plan.alpha,
    lora_dropout: 0,
    bias: 'none',
  };
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify({ ...config, ...settings }));
  const random = seeded(3);
  const tensors = plan.modules.flatMap((module) => {
    const { rank } = sizeIn(plan, module);
    const { a, b } = loraNames(module);
    const out = outOf[module.slice(module.lastIndexOf('.') + 1)]!;
    return [
      { name: a, shape: [rank, tinyLlama().width] },
      { name: b, shape: [out, rank] },
    ];
  });
  await writeSafetensors(
    join(folder, 'adapter_model.safetensors'),
    'F32',
    tensors.map(({ name, shape }) => ({
      name: `base_model.model.${name}`,
      shape,
      read: () => Float32Array.from({ length: shape[0]! * shape[1]! }, () => (random() - 0.5) * 0.4),
    })),
  );
}
