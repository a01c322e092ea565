import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import { sameShape, showShape } from '../graph/shapes';
import { familyOf } from '../models/family';
import { loraNames } from '../models/forward';
import type { LoraPlan, ModelConfig } from '../models/types';
import { openSafetensors } from '../weights/safetensors';
import { loraSpecs } from './program';

export interface LoadedAdapter {
  readonly plan: LoraPlan;
  readonly tensors: ReadonlyMap<string, Float32Array>; // by our names: `<module>.lora_A.weight`
  readonly hash: string;
}

const configSchema = z.object({
  peft_type: z.literal('LORA'),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
  bias: z.string().nullish(),
});

/** Names of a PEFT file: `base_model.model.<module>.lora_A.weight`. */
const peftPrefix = 'base_model.model.';

/** Opens a PEFT LoRA folder for this model. Variants that change the formula are refused by name. */
export async function readAdapter(folder: string, config: ModelConfig): Promise<LoadedAdapter> {
  const settings = await readSettings(folder);
  const file = join(folder, 'adapter_model.safetensors');
  const stored = await openSafetensors(file).catch((thrown: unknown) => {
    if ((thrown as { code?: unknown }).code === 'ENOENT') return throwFailure('bad-model', `${folder} has no adapter_model.safetensors.`, 'Choose the folder of a PEFT adapter.', { folder });
    throw thrown;
  });
  const names = new Map([...stored].map(([name, tensor]) => [name.startsWith(peftPrefix) ? name.slice(peftPrefix.length) : name, tensor]));
  const linear = familyOf(config).weights(config).filter((w) => w.role === 'linear').map((w) => w.name.slice(0, -'.weight'.length));
  const modules = linear.filter((module) => names.has(loraNames(module).a));
  const plan: LoraPlan = { rank: settings.r, alpha: settings.lora_alpha, modules };

  const expected = loraSpecs(config, plan);
  const unknown = [...names.keys()].find((name) => !expected.some((spec) => spec.name === name));
  if (unknown !== undefined || modules.length === 0) {
    throwFailure('bad-model', `The adapter ${folder} ${unknown === undefined ? 'adapts nothing' : `holds ${unknown}, which has no place`} in this model.`, 'Choose an adapter that was trained on this model.', { folder, tensor: unknown });
  }
  const tensors = new Map<string, Float32Array>();
  const hash = createHash('sha256').update(JSON.stringify(plan));
  for (const { name, shape } of expected) {
    const tensor = names.get(name) ?? throwFailure('bad-model', `The adapter ${folder} lacks ${name}.`, 'Its file is incomplete; copy it again.', { folder, tensor: name });
    if (!sameShape(tensor.shape, shape)) throwFailure('bad-model', `${name} of the adapter ${folder} has shape ${showShape(tensor.shape)}; this model needs ${showShape(shape)}.`, 'Choose an adapter that was trained on this model.', { folder, tensor: name });
    const values = await tensor.read();
    tensors.set(name, values);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return { plan, tensors, hash: hash.digest('hex') };
}

async function readSettings(folder: string): Promise<z.infer<typeof configSchema>> {
  const where = join(folder, 'adapter_config.json');
  const text = await readFile(where, 'utf8').catch(() => throwFailure('bad-model', `${folder} has no adapter_config.json.`, 'Choose the folder of a PEFT adapter.', { folder }));
  const parsed = configSchema.safeParse(asJson(text));
  if (!parsed.success) return throwFailure('bad-model', `${where} does not describe a LoRA adapter: ${z.prettifyError(parsed.error)}`, 'Choose a LoRA adapter made by PEFT.', { folder });
  const { use_rslora: rsLora, use_dora: dora, bias } = parsed.data;
  const variant = rsLora ? 'rank-stabilized LoRA' : dora ? 'DoRA' : bias && bias !== 'none' ? `trained biases (${bias})` : null;
  if (variant !== null) return throwFailure('unsupported', `The adapter ${folder} uses ${variant}, which this version does not load.`, 'Choose a plain LoRA adapter.', { folder });
  return parsed.data;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
