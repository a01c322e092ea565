import { methodById, type MethodId, type MethodPreset } from '../../src-main/shared/catalogue/method-catalogue';
import { defaultsOf, type MethodSpec } from '../../src-main/shared/spec/method-spec';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { defaultSpec } from './default-spec';
import { formatShort } from './format';
import { parameterText, settingWords } from './method-words';
import { effectiveParameters, readParameter } from './spec-effect';
import { writeField } from './wizard-fields';

/** Published settings of a method: what they set, and what was changed since. */
const presetMethod = (id: MethodId, preset: MethodPreset): MethodSpec =>
  Object.entries(preset.values).reduce((method, [name, value]) => writeField(method, name, value), defaultsOf(id));

/** Fields under `training` that a preset can set, as its changes name them. */
const presetFields = [
  ['learningRate', 'learning rate'],
  ['epochs', 'epochs'],
  ['pairsPerStep', 'pairs per step'],
  ['schedule', 'schedule'],
  ['warmupRatio', 'warm-up share'],
] as const;
type PresetField = (typeof presetFields)[number];
const fieldWords = (training: MethodPreset['training'] | RunSpec['training'], [field, label]: PresetField): string => {
  const value = training[field];
  return `${label} ${typeof value === 'number' ? formatShort(value) : value}`;
};
const setBy = (preset: MethodPreset): readonly PresetField[] =>
  presetFields.filter(([field]) => preset.training[field] !== undefined);

/** What a preset sets beside the method, in words. */
export const presetWords = (preset: MethodPreset): string =>
  setBy(preset)
    .map((field) => fieldWords(preset.training, field))
    .join(', ');

/**
 * What `next` sets. What the preset before it had set goes back to the default, and what somebody typed stays, unless
 * the defaults themselves are asked for.
 */
function presetTraining(
  training: RunSpec['training'],
  before: MethodPreset | undefined,
  next: MethodPreset | undefined,
): RunSpec['training'] {
  const back =
    next === undefined
      ? presetFields
      : before === undefined
        ? []
        : setBy(before).filter(([field]) => training[field] === before.training[field]);
  return {
    ...training,
    ...Object.fromEntries(back.map(([field]) => [field, defaultSpec.training[field]])),
    ...next?.training,
  };
}

const presetOf = (id: MethodId, presetId: string | null): MethodPreset | undefined =>
  methodById(id)?.presets.find((candidate) => candidate.id === presetId);

/** What a form has of presets: the one last applied, and the spec it was applied to. */
interface Preset {
  readonly presetId: string | null;
  readonly spec: RunSpec;
}

/** The preset `id` in place of the one before; null: the method's defaults. */
export function withPreset({ presetId, spec }: Preset, id: string | null): Preset {
  const preset = presetOf(spec.method.id, id);
  const method = preset === undefined ? defaultsOf(spec.method.id) : presetMethod(spec.method.id, preset);
  const training = presetTraining(spec.training, presetOf(spec.method.id, presetId), preset);
  return { presetId: preset?.id ?? null, spec: { ...spec, method, training } };
}

export interface PresetState {
  readonly preset: MethodPreset;
  /** What no longer is as the preset set it, with its value now. */
  readonly changes: readonly string[];
}

/** Null where none was applied, or the method has no preset of that name. */
export function presetState({ presetId, spec }: Preset): PresetState | null {
  const preset = presetOf(spec.method.id, presetId);
  if (preset === undefined) return null;
  const asSet = presetMethod(spec.method.id, preset);
  const parameters = effectiveParameters(spec).filter(
    ({ name }) => JSON.stringify(readParameter(spec.method, name)) !== JSON.stringify(readParameter(asSet, name)),
  );
  return {
    preset,
    changes: [
      ...parameters.map((parameter) =>
        settingWords(parameter.label, parameterText(parameter, readParameter(spec.method, parameter.name))),
      ),
      ...setBy(preset)
        .filter(([field]) => spec.training[field] !== preset.training[field])
        .map((field) => fieldWords(spec.training, field)),
    ],
  };
}
