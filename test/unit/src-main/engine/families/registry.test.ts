import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { families, familyOf, linearModules, type ModelConfig } from '../../../../../src-main/engine/families/registry';
import { loraPlan } from '../../../../../src-main/engine/model/lora';
import { tinyLlama, tinyNeox } from '../../../support/tiny-config';

const tiny: Readonly<Record<ModelConfig['family'], ModelConfig>> = { llama: tinyLlama(), gpt_neox: tinyNeox() };

describe.each(families)('$id', (family) => {
  const config = tiny[family.id];
  const weights = family.weights(config);
  const names = weights.map(({ name }) => name);

  it('is found by what a configuration says', () => {
    expect(familyOf(config)).toBe(family);
    expect(families.filter(({ architecture }) => architecture === family.architecture)).toEqual([family]);
  });

  it('names its weights once, and embedding, head and layers as its list of weights does', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(family.embedding);
    for (const tiedHead of [true, false]) {
      const head = family.headName({ ...config, tiedHead });
      expect(family.weights({ ...config, tiedHead }).map(({ name }) => name)).toContain(head);
      expect(head === family.embedding).toBe(tiedHead);
    }
    for (const { name, layer } of weights)
      expect(name.startsWith(family.layerPrefix(layer ?? 0)), name).toBe(layer !== null);
  });

  it('has no weight that counts as computed', () => {
    expect(names.filter((name) => family.computedTensors.test(name))).toEqual([]);
    expect(family.computedTensors.test(`${family.layerPrefix(0)}attention.rotary_emb.inv_freq`)).toBe(true);
  });

  it('puts each linear layer under attention or mlp, and all-linear is both', () => {
    const { attention, mlp } = family.adapterTargets;
    expect([...attention, ...mlp].sort()).toEqual([...linearModules(config)].sort());
    const modulesOf = (targets: 'all-linear' | 'attention' | 'mlp'): readonly string[] =>
      loraPlan(config, { rank: 1, alpha: 1, targets }).modules;
    expect([...modulesOf('attention'), ...modulesOf('mlp')].sort()).toEqual([...modulesOf('all-linear')].sort());
  });
});

describe('a family is one folder and one line', () => {
  it('no other source of the engine names one', () => {
    const engine = join(import.meta.dirname, '../../../../../src-main/engine');
    const words = families.flatMap(({ id, architecture }) => [`'${id}'`, `'${id}.`, `${id}_`, architecture]);
    const sources = readdirSync(engine, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/families\/[^/]+\//.test(file));
    expect(sources.length).toBeGreaterThan(100);
    const naming = sources.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return words.filter((word) => text.includes(word)).map((word) => `${file.slice(engine.length)}: ${word}`);
    });
    expect(naming).toEqual([]);
  });
});
