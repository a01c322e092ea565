import { defaultsOf } from '../../src-main/shared/spec/method-spec';
import { methodCatalogue } from '../../src-main/shared/catalogue/method-catalogue';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { defaultSpec } from './default-spec';
import { none } from './format';
import { parameterText } from './method-words';
import { effectiveParameters, effectiveSpec, parameterOf } from './spec-effect';
import { fieldText, isShown, readField, wizardFields } from './wizard-fields';

const otherLabels: Readonly<Record<string, string>> = {
  'adapter.kind': 'Trained',
  'method.id': 'Method',
  name: 'Name',
  objective: 'Objective',
  version: 'Version',
  'model.path': 'Model',
  'model.reference': 'Reference',
  'dataset.path': 'Dataset',
  'dataset.format': 'Format',
};

export const fieldLabel = (path: string): string =>
  wizardFields.find((field) => field.path === path)?.label ??
  methodCatalogue.flatMap((method) => method.parameters).find((parameter) => `method.${parameter.name}` === path)
    ?.label ??
  otherLabels[path] ??
  path;

/** The label of a field, or of the field that a value is inside of (a term of a mix); null where the form has none. */
export function labelAt(path: string): string | null {
  const parts = path.split('.');
  const known = parts
    .map((_, i) => parts.slice(0, parts.length - i).join('.'))
    .find((part) => fieldLabel(part) !== part);
  return known === undefined ? null : fieldLabel(known);
}

/** Hints name fields and values as the run spec has them; the form has other names, and some of its numbers are percent. */
export const inFormWords = (hint: string): string =>
  hint
    .replace(/\btraining\.truncation to "drop"/, '“Pairs that do not fit” to “Leave the pair out”')
    .replace(/\b((?:training|probes|dataset|adapter|method|model)(?:\.[A-Za-z]+)+)( to \d+(?:\.\d+)?)?/g, inForm);

function inForm(inSpec: string, path: string, to: string | undefined): string {
  const label = labelAt(path);
  if (label === null) return inSpec;
  const isPercent = wizardFields.some((field) => 'isPercent' in field && field.isPercent && field.path === path);
  const value = to?.slice(' to '.length);
  return `“${label}”${value && isPercent ? ` to ${Number((100 * Number(value)).toPrecision(10))}\u202f%` : (to ?? '')}`;
}

/** A setting at a path in the form's own words. */
export function settingText(spec: RunSpec, path: string): string {
  const value = readField(spec, path);
  const field = wizardFields.find((candidate) => candidate.path === path);
  if (field !== undefined) return fieldText(field, value);
  const parameter = path.startsWith('method.') ? parameterOf(spec.method.id, path.slice('method.'.length)) : undefined;
  if (parameter !== undefined) return parameterText(parameter, value);
  if (path === 'adapter.kind') return value === 'lora' ? 'LoRA adapter' : 'all weights';
  return value === null || value === undefined ? none : String(value);
}

export interface SpecChange {
  readonly path: string;
  readonly label: string;
  readonly value: string;
  readonly byDefault: string;
}

/** What a person changed, in their words. A method's parameters are compared with its own defaults. */
export function changesOf(draftSpec: RunSpec): readonly SpecChange[] {
  const spec = effectiveSpec(draftSpec);
  const defaults = { ...defaultSpec, method: defaultsOf(spec.method.id) };
  const paths = [
    ...wizardFields.filter((field) => isShown(field, spec)).map((field) => field.path),
    ...effectiveParameters(spec).map(({ name }) => `method.${name}`),
    'adapter.kind',
    'model.reference',
  ];
  return paths.flatMap((path) => {
    const [value, byDefault] = [readField(spec, path), readField(defaults, path)];
    // Where the default is off, the switch above says so and its details have nothing to differ from.
    const isSame = byDefault === undefined || JSON.stringify(value) === JSON.stringify(byDefault);
    return isSame
      ? []
      : [{ path, label: fieldLabel(path), value: settingText(spec, path), byDefault: settingText(defaults, path) }];
  });
}
