import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { throwFailure } from '../../shared/result';
import { sameShape, showShape } from '../graph/shapes';
import { familyOf, type ModelConfig } from '../families/registry';
import { loraNames } from '../model/forward';
import type { LoraPlan } from '../model/lora-plan';
import { openSafetensors } from '../weights/safetensors';
import type { StoredTensor } from '../weights/types';
import { readAdapterConfig, type AdapterConfig } from './adapter-config';
import { requireFinite } from '../program/load-weights';
import { loraSpecs } from '../program/variables';

export interface LoadedAdapter {
  readonly plan: LoraPlan;
  readonly tensors: ReadonlyMap<string, Float32Array>; // by our names: `<module>.lora_A.weight`
  readonly hash: string;
  readonly notes: readonly string[];
}

/** Names of a PEFT file: `base_model.model.<module>.lora_A.weight`. */
const peftPrefix = 'base_model.model.';

/**
 * Opens a PEFT LoRA folder for this model. What its configuration or its file asks for is honoured or refused by name.
 */
export async function readAdapter(folder: string, config: ModelConfig): Promise<LoadedAdapter> {
  const settings = await readAdapterConfig(folder);
  const file = join(folder, 'adapter_model.safetensors');
  const stored = await openSafetensors(file).catch((thrown: unknown) => {
    if ((thrown as { code?: unknown }).code === 'ENOENT')
      return throwFailure(
        'bad-model',
        `${folder} has no adapter_model.safetensors.`,
        'Choose the folder of a PEFT adapter.',
        { folder },
      );
    throw thrown;
  });
  const names = new Map(
    [...stored].map(([name, tensor]) => [name.startsWith(peftPrefix) ? name.slice(peftPrefix.length) : name, tensor]),
  );
  const plan = planOf(settings, config, names, folder);

  const expected = loraSpecs(config, plan);
  const tensors = new Map<string, Float32Array>();
  const hash = createHash('sha256').update(JSON.stringify(plan));
  for (const { name, shape } of expected) {
    const tensor =
      names.get(name) ??
      throwFailure('bad-model', `The adapter ${folder} lacks ${name}.`, 'Its file is incomplete; copy it again.', {
        folder,
        tensor: name,
      });
    if (!sameShape(tensor.shape, shape))
      throwFailure(
        'bad-model',
        `${name} of the adapter ${folder} has shape ${showShape(tensor.shape)}; this model and ` +
          `adapter_config.json ask for ${showShape(shape)}.`,
        'Choose an adapter that was trained on this model, with the adapter_config.json of its weights (r, ' +
          'rank_pattern).',
        { folder, tensor: name },
      );
    const values = await tensor.read();
    requireFinite(values, name, folder);
    tensors.set(name, values);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return { plan, tensors, hash: hash.digest('hex'), notes: settings.notes };
}

/** The modules that the file holds, which must be those that the configuration names: peft leaves out the others. */
function planOf(
  settings: AdapterConfig,
  config: ModelConfig,
  names: ReadonlyMap<string, StoredTensor>,
  folder: string,
): LoraPlan {
  const linear = familyOf(config)
    .weights(config)
    .filter((w) => w.role === 'linear')
    .map((w) => w.name.slice(0, -'.weight'.length));
  const modules = linear.filter((module) => names.has(loraNames(module).a));
  const known = new Set(modules.flatMap((module) => [loraNames(module).a, loraNames(module).b]));
  const unknown = [...names.keys()].find((name) => !known.has(name));
  if (unknown !== undefined || modules.length === 0) {
    throwFailure(
      'bad-model',
      `The adapter ${folder} ${unknown === undefined ? 'adapts nothing' : `holds ${unknown}, which has no place`} ` +
        'in this model.',
      'Choose a plain LoRA adapter of linear layers that was trained on this model.',
      { folder, tensor: unknown },
    );
  }
  for (const module of linear) {
    const [has, targeted] = [modules.includes(module), settings.targets(module)];
    if (has && !targeted)
      throwFailure(
        'bad-model',
        `The adapter ${folder} holds ${module}, which its adapter_config.json leaves out (target_modules, ` +
          'exclude_modules, layers_to_transform).',
        'Its configuration is of another adapter; copy the right one.',
        { folder, module },
      );
    if (!has && targeted)
      throwFailure(
        'bad-model',
        `The adapter ${folder} lacks ${module}, which its adapter_config.json names (target_modules).`,
        'Its file is incomplete; copy it again.',
        { folder, module },
      );
  }
  const { rank, alpha } = settings;
  const own = modules
    .map((module) => [module, settings.loraSizeOf(module)] as const)
    .filter(([, size]) => size.rank !== rank || size.alpha !== alpha);
  return {
    rank,
    alpha,
    modules,
    ...(settings.rankStabilized ? { rankStabilized: true } : {}),
    ...(own.length > 0 ? { own: Object.fromEntries(own) } : {}),
  };
}
