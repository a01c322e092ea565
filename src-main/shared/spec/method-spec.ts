import { z } from 'zod';
import { mixable } from '../catalogue/parameters';
import type { DeepReadonly } from '../deep-readonly';
import {
  divergences,
  methodById,
  methodIds,
  samplingModes,
  variants,
  type MethodId,
} from '../catalogue/method-catalogue';

export type { MethodId };

/** What a method without a parameter has in its place. */
const withoutEffect: Omit<MethodSpec, 'id'> = {
  beta: 0.1,
  labelSmoothing: 0,
  sampling: 'none',
  variant: null,
  lambda: null,
  alpha: null,
  sftWeight: null,
  tau: null,
  version: null,
  gamma: null,
  ldAlpha: 1,
  wpo: false,
  fDivergence: { type: 'reverse_kl', alpha: 0.5 },
  referenceFree: false,
  referenceSync: { everySteps: 0, mixup: 0.6 },
  mix: [],
};

export const mostMixTerms = 8;

const finite = z.number().nullish();
const fields = z.strictObject({
  id: z.enum(methodIds).default('sampo'),
  beta: z.number().positive().nullish(),
  labelSmoothing: z.number().min(0).max(0.499).nullish(),
  sampling: z.enum(samplingModes).nullish(),
  variant: z.enum(variants).nullish(),
  lambda: finite,
  alpha: finite,
  sftWeight: z.number().min(0).nullish(),
  tau: z.number().positive().nullish(),
  version: z.union([z.literal(1), z.literal(2)]).nullish(),
  gamma: finite,
  ldAlpha: z.number().min(0).max(1).nullish(),
  wpo: z.boolean().nullish(),
  fDivergence: z
    .strictObject({ type: z.enum(divergences).default('reverse_kl'), alpha: z.number().default(0.5) })
    .nullish(),
  referenceFree: z.boolean().nullish(),
  referenceSync: z
    .strictObject({ everySteps: z.number().int().min(0).default(0), mixup: z.number().positive().max(1).default(0.6) })
    .nullish(),
  mix: z
    .array(z.strictObject({ id: z.enum(mixable), weight: z.number().positive() }))
    .max(mostMixTerms)
    .nullish(),
});
type Fields = z.infer<typeof fields>;

/** Fields that nothing stands in for where a method lacks them. */
type Lacking = 'variant' | 'lambda' | 'alpha' | 'sftWeight' | 'tau' | 'version' | 'gamma';
/**
 * `method` of a run spec. In: what a person writes; a parameter that the method does not have is refused, unless it
 * says what holds anyway. Out: every field, with the method's defaults, and with values that change nothing (null, 0,
 * none) where it has no such parameter.
 */
export type MethodSpec = DeepReadonly<{
  [F in keyof Fields]-?: NonNullable<Fields[F]> | (F extends Lacking ? null : never);
}>;
export type MixTerm = MethodSpec['mix'][number];

export const methodSchema = fields.transform((given, context): MethodSpec => {
  const problem = problemOf(given);
  if (problem) context.addIssue({ code: 'custom', path: problem.path, message: problem.message, input: given });
  return complete(given);
});

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const topOf = (name: string): string => name.split('.')[0]!;

/** Names of the fields of a method, objects as a whole. */
const fieldsOf = (id: MethodId): ReadonlySet<string> =>
  new Set(['id', 'beta', ...(methodById(id)?.parameters.map((p) => topOf(p.name)) ?? [])]);

/** Defaults of a method: what its catalogue row says, and no effect elsewhere. */
export function defaultsOf(id: MethodId): MethodSpec {
  const values: Record<string, unknown> = { ...withoutEffect, id };
  for (const { name, default: byDefault } of methodById(id)?.parameters ?? []) {
    const [top, inner] = name.split('.') as [string, string?];
    values[top] = inner === undefined ? byDefault : { ...(values[top] as object), [inner]: byDefault };
  }
  return values as unknown as MethodSpec;
}

function complete(given: Fields): MethodSpec {
  const known = fieldsOf(given.id);
  const own = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => known.has(name) && value !== null && value !== undefined),
  );
  return { ...defaultsOf(given.id), ...own } as MethodSpec;
}

/** The same method without what changes nothing: what examples, cards and comparisons show. */
export function briefMethod(method: MethodSpec): Readonly<Record<string, unknown>> {
  const known = fieldsOf(method.id);
  return Object.fromEntries(
    Object.entries(method).filter(
      ([name, value]) =>
        known.has(name) &&
        (name === 'id' ||
          name === 'beta' ||
          methodById(method.id)?.parameters.some((p) => p.name === name && p.group === 'own') ||
          !isSame(value, withoutEffect[name as keyof typeof withoutEffect])),
    ),
  );
}

interface Problem {
  readonly path: string[];
  readonly message: string;
}

function problemOf(given: Fields): Problem | null {
  const { id } = given;
  const known = fieldsOf(id);
  const stray = Object.entries(given).find(
    ([name, value]) =>
      !known.has(name) &&
      value !== null &&
      value !== undefined &&
      !isSame(value, withoutEffect[name as keyof typeof withoutEffect]),
  );
  if (stray)
    return {
      path: [stray[0]],
      message: `${id} has no parameter ${stray[0]}; it has ${[...known].filter((name) => name !== 'id').join(', ')}`,
    };
  const options = methodById(id)?.parameters.find((p) => p.name === 'variant')?.range;
  if (given.variant && options && 'options' in options && !options.options.includes(given.variant))
    return { path: ['variant'], message: `${id} has the variants ${options.options.join(' and ')}` };
  const method = complete(given);
  if (id === 'exo_pair' && method.labelSmoothing === 0)
    return { path: ['labelSmoothing'], message: 'exo_pair needs it above 0 (the paper: 0.001)' };
  if (method.sampling !== 'none' && method.ldAlpha !== 1)
    return {
      path: ['ldAlpha'],
      message:
        'down-sampling and a tail weight both correct for length; leave one at its neutral value (sampling "none" ' +
        'or ldAlpha 1)',
    };
  if (method.referenceFree && method.referenceSync.everySteps > 0)
    return { path: ['referenceSync'], message: 'a method without a reference has none that could follow' };
  if (method.referenceFree && method.fDivergence.type !== 'reverse_kl') {
    const message =
      `${method.fDivergence.type} measures how far the model is from its reference, and referenceFree leaves that ` +
      'out; set fDivergence.type to "reverse_kl", or referenceFree to false';
    return { path: ['fDivergence', 'type'], message };
  }
  const twice = method.mix.find(
    (term, i) =>
      term.id === id ||
      (term.id === 'dpo' && id === 'sampo') ||
      method.mix.findIndex((other) => other.id === term.id) !== i,
  );
  if (twice) return { path: ['mix'], message: `${twice.id} would be added to itself; name every loss once` };
  return null;
}
