import { describe, expect, it } from 'vitest';
import { largest } from '../../../../../src-main/shared/extremes';
import type { ModelConfig } from '../../../../../src-main/engine/families/registry';
import { initialLora, loraPlan } from '../../../../../src-main/engine/model/lora';
import { AppFailure } from '../../../../../src-main/shared/result';
import { seeded, tinyLlama, tinyNeox } from '../../../support/tiny-config';

const plan = (targets: Parameters<typeof loraPlan>[1]['targets'], config: ModelConfig = tinyLlama()) =>
  loraPlan(config, { rank: 2, alpha: 4, targets });

describe('LoRA targets', () => {
  it('finds sets and names, in model order', () => {
    expect(plan('all-linear').modules).toHaveLength(2 * 7);
    expect(plan('attention').modules.slice(0, 4)).toEqual(
      ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((m) => `model.layers.0.self_attn.${m}`),
    );
    expect(plan('mlp', tinyNeox()).modules).toEqual(
      [0, 1].flatMap((l) => [`gpt_neox.layers.${l}.mlp.dense_h_to_4h`, `gpt_neox.layers.${l}.mlp.dense_4h_to_h`]),
    );
    expect(plan(['v_proj']).modules).toEqual([0, 1].map((l) => `model.layers.${l}.self_attn.v_proj`));
  });

  it('refuses a name the model lacks, listing those it has', () => {
    const attempt = (): unknown => plan(['query_key_value']);
    expect(attempt).toThrow(AppFailure);
    expect(attempt).toThrow(/query_key_value/);
  });

  it('starts at the base model: A within ±1/√in and not all alike, B zero', () => {
    const initial = initialLora(tinyLlama(), plan(['down_proj']), seeded(1));
    const a = initial.get('model.layers.0.mlp.down_proj.lora_A.weight')!;
    expect(a).toHaveLength(2 * 40);
    expect(largest(a, Math.abs)).toBeLessThanOrEqual(1 / Math.sqrt(40));
    expect(new Set(a).size).toBeGreaterThan(70);
    expect(initial.get('model.layers.1.mlp.down_proj.lora_B.weight')!.every((x) => x === 0)).toBe(true);
  });
});
