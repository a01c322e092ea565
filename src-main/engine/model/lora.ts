import type { RunSpec } from '../../shared/spec/run-spec';
import { throwFailure } from '../../shared/result';
import { familyOf, linearModules, type ModelConfig } from '../families/registry';
import { loraNames } from './forward';
import { sizeIn, type LoraPlan } from './lora-plan';

type Adapter = Extract<RunSpec['adapter'], { kind: 'lora' }>;

/**
 * The linear layers that `adapter.targets` names, as full Hugging Face names in model order. Throws
 * AppFailure('bad-spec') for a name the model does not have.
 */
export function loraPlan(
  config: ModelConfig,
  { rank, alpha, targets }: Pick<Adapter, 'rank' | 'alpha' | 'targets'>,
): LoraPlan {
  const family = familyOf(config);
  const known = linearModules(config);
  if (typeof targets !== 'string') {
    const unknown = targets.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throwFailure(
        'bad-spec',
        `adapter.targets names ${unknown}, which this model does not have.`,
        `It has: ${known.join(', ')}.`,
        { path: 'adapter.targets' },
      );
  }
  const isTarget = (module: string): boolean => {
    if (targets === 'all-linear') return true;
    return (typeof targets === 'string' ? family.adapterTargets[targets] : targets).includes(module);
  };
  const modules = family
    .weights(config)
    .filter((w) => w.role === 'linear' && w.module !== null && isTarget(w.module))
    .map((w) => w.name.slice(0, -'.weight'.length));
  return { rank, alpha, modules };
}

/**
 * Fresh adapters as peft makes them: A uniform in ±1 / √in (Kaiming with a = √5), B zero, so that training starts at
 * the base model. `random` draws uniform numbers in [0, 1); shapes as `loraSpecs` gives them.
 */
export function initialLora(
  config: ModelConfig,
  plan: LoraPlan,
  random: () => number,
): ReadonlyMap<string, Float32Array> {
  const linear = new Map(
    familyOf(config)
      .weights(config)
      .map((w) => [w.name, w.shape]),
  );
  const initial = new Map<string, Float32Array>();
  for (const module of plan.modules) {
    const [out, input] = linear.get(`${module}.weight`) as readonly [number, number];
    const bound = 1 / Math.sqrt(input);
    const { a, b } = loraNames(module);
    const { rank } = sizeIn(plan, module);
    initial.set(
      a,
      Float32Array.from({ length: rank * input }, () => (2 * random() - 1) * bound),
    );
    initial.set(b, new Float32Array(out * rank));
  }
  return initial;
}
