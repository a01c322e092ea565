import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeAdapter, writeMerged } from '../../../src-main/engine/export/hugging-face';
import { readAdapter } from '../../../src-main/engine/adapter/adapter';
import { openModel } from '../../../src-main/engine/source/open-model';
import { openSafetensors } from '../../../src-main/engine/weights/safetensors';
import { furthest, models, score, type Logprobs } from '../forward/scoring';

// Per-token log-probs of tiny random adapters by peft in float32 (make.py, which names its versions), and what an
// export makes of them.

interface Golden {
  readonly cases: readonly { readonly name: string; readonly model: string; readonly logprobs: Logprobs }[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const adapters = join(import.meta.dirname, 'adapters');
const folder = mkdtempSync(join(tmpdir(), 'sampo-peft-golden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(cases)('$name, by peft', ({ name, model, logprobs }) => {
  const base = join(models, model);
  const trained = async () => {
    const source = await openModel(base);
    const { plan } = await readAdapter(join(adapters, name), source.config);
    const stored = await openSafetensors(join(adapters, name, 'adapter_model.safetensors'));
    const tensors = new Map([...stored].map(([key, tensor]) => [key.replace('base_model.model.', ''), tensor]));
    return { source, tensors, lora: plan };
  };

  it('scores alike', async () => {
    expect(furthest(await score(base, undefined, join(adapters, name)), logprobs)).toBeLessThan(1e-4);
  });

  it('is exported as an adapter of the same ranks, alphas and numbers', async () => {
    const out = join(folder, name);
    const { source, tensors, lora } = await trained();
    await writeAdapter({ source, tensors, lora }, 'f32', out, '', () => undefined);
    expect((await readAdapter(out, source.config)).plan).toEqual(lora);
    expect(furthest(await score(base, undefined, out), logprobs)).toBeLessThan(1e-4);
  });

  it('is merged to a model that scores alike', async () => {
    const out = join(folder, `${name}-merged`);
    await writeMerged(await trained(), 'f32', out, '', () => undefined);
    expect(furthest(await score(out), logprobs)).toBeLessThan(1e-4);
  });
});
