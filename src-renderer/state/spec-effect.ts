import { defaultsOf, type MethodSpec } from '../../src-main/shared/spec/method-spec';
import {
  methodById,
  type MethodEntry,
  type MethodId,
  type MethodParameter,
} from '../../src-main/shared/catalogue/method-catalogue';
import { runSpecSchema, type RunSpec } from '../../src-main/shared/spec/run-spec';
import { readField, writeField } from './wizard-fields';

/** Specs are kept as they were written; older ones lack fields of today, which then have their defaults. */
export function completeSpec(spec: RunSpec): RunSpec {
  const parsed = runSpecSchema.safeParse(spec);
  return parsed.success ? parsed.data : spec;
}

export const readParameter = (method: MethodSpec, name: string): unknown => readField(method, name);
export const parameterOf = (id: MethodId, name: string): MethodParameter | undefined =>
  methodById(id)?.parameters.find((parameter) => parameter.name === name);

/** What some parameters need of others before they change anything. */
const conditions: Readonly<Record<string, (spec: Pick<RunSpec, 'method' | 'adapter'>) => boolean>> = {
  gamma: ({ method }) => method.variant !== 'seed',
  lambda: ({ method }) => method.id !== 'simpo' || method.variant === 'seed',
  alpha: ({ method }) => method.id !== 'tdpo' || method.version === 2,
  // Both correct for length; the schema refuses them together.
  ldAlpha: ({ method }) => method.sampling === 'none',
  // A divergence is measured from a reference; the schema refuses it without one.
  'fDivergence.type': ({ method }) => !method.referenceFree,
  'fDivergence.alpha': ({ method }) => !method.referenceFree && method.fDivergence.type === 'alpha',
  'referenceSync.everySteps': ({ method, adapter }) => adapter.kind === 'none' && !method.referenceFree,
  'referenceSync.mixup': ({ method, adapter }) =>
    adapter.kind === 'none' && !method.referenceFree && method.referenceSync.everySteps !== 0,
};

/** The parameters of a method that change something with the others as they are. */
export const effectiveParameters = (spec: Pick<RunSpec, 'method' | 'adapter'>): readonly MethodParameter[] =>
  (methodById(spec.method.id)?.parameters ?? []).filter((parameter) => conditions[parameter.name]?.(spec) ?? true);

export function effectiveMethod(spec: Pick<RunSpec, 'method' | 'adapter'>): MethodSpec {
  const effective = effectiveParameters(spec);
  const idle = (methodById(spec.method.id)?.parameters ?? []).filter((parameter) => !effective.includes(parameter));
  return idle.reduce((method, { name, default: byDefault }) => writeField(method, name, byDefault), spec.method);
}

/** The reference a run measures against: itself before training, another model, one that follows, or none. */
export const referenceModes = ['itself', 'other', 'follows', 'none'] as const;
export type ReferenceMode = (typeof referenceModes)[number];

export function referenceMode(spec: RunSpec): ReferenceMode {
  if (methodById(spec.method.id)?.needsReference === false || spec.method.referenceFree) return 'none';
  // A number that is being typed (NaN) is not yet 0.
  if (spec.method.referenceSync.everySteps !== 0) return 'follows';
  return spec.model.reference === null ? 'itself' : 'other';
}

/** Whether a step runs the reference too: elsewhere its log-probs are computed once, before training. */
export const runsReference = ({ method }: RunSpec): boolean =>
  method.id === 'tdpo' || method.referenceSync.everySteps > 0;

/** Why a method cannot have a reference of this kind, or null. */
export function referenceObstacle(mode: ReferenceMode, entry: MethodEntry, spec: RunSpec): string | null {
  const has = (name: string): boolean => entry.parameters.some((parameter) => parameter.name === name);
  switch (mode) {
    case 'itself':
      return null;
    case 'other':
      if (entry.id === 'tdpo')
        return `${entry.name} compares whole distributions in every step, which starts from the model itself.`;
      return spec.rounds > 1 ? 'In rounds each result is the next reference.' : null;
    case 'follows':
      if (!has('referenceSync.everySteps')) return `${entry.name} cannot do this.`;
      return spec.adapter.kind === 'lora'
        ? 'Needs all weights to be trained: an adapter has no whole weights to mix.'
        : null;
    case 'none':
      return has('referenceFree') ? null : `${entry.name} cannot do without.`;
  }
}

/**
 * The spec without what would change nothing: what is checked, shown and sent. The draft keeps the rest, in case a
 * person turns back.
 */
export function effectiveSpec(spec: RunSpec): RunSpec {
  const entry = methodById(spec.method.id);
  if (entry === undefined) return spec;
  const isPreference = entry.objective === 'preference';
  const rounds = isPreference ? spec.rounds : 1;
  const known: RunSpec = { ...spec, objective: entry.objective, rounds, method: effectiveMethod(spec) };
  const hasHeldOut = spec.dataset.evalFraction > 0;
  return {
    ...known,
    roundData: rounds > 1 ? spec.roundData : 'repeat',
    model: {
      ...spec.model,
      reference:
        referenceMode(known) === 'other' && referenceObstacle('other', entry, known) === null
          ? spec.model.reference
          : null,
    },
    training: { ...spec.training, earlyStopping: hasHeldOut ? spec.training.earlyStopping : null },
  };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Another method with what a person set and what means the same in both; the rest starts from its defaults. A name with
 * another default or range is another thing (beta of SimPO and of DPO).
 */
export function carriedMethod(from: MethodSpec, id: MethodId): MethodSpec {
  const carried = (methodById(id)?.parameters ?? []).filter(({ name, default: byDefault, range }) => {
    const old = parameterOf(from.id, name);
    return (
      old !== undefined &&
      isSame(old.default, byDefault) &&
      isSame(old.range, range) &&
      !isSame(readParameter(from, name), old.default)
    );
  });
  const method = carried.reduce((next, { name }) => writeField(next, name, readParameter(from, name)), defaultsOf(id));
  return { ...method, mix: method.mix.filter((term) => mayBeAdded(id, term.id)) };
}

/** A loss cannot be added to itself, and SamPO's is DPO's. */
export const mayBeAdded = (id: MethodId, term: string): boolean => term !== id && !(id === 'sampo' && term === 'dpo');
