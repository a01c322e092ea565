import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import type { ComparisonView } from '../../src-main/shared/views/comparison';
import { methodById } from '../../src-main/shared/catalogue/method-catalogue';
import { none } from './format';
import { methodFacts } from './method-words';
import { completeSpec, effectiveParameters, effectiveSpec } from './spec-effect';
import { fieldLabel, settingText } from './spec-changes';
import { readField, wizardFields } from './wizard-fields';

export interface ConfigRow {
  readonly path: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly isDifferent: boolean;
}

/**
 * The configuration of runs side by side, in the order of the spec. Of the methods only what changes something in one
 * of them is listed, and "–" stands where a method has no such setting; specs of older versions are read with today's
 * defaults.
 */
export function configRows(kept: readonly RunSpec[]): readonly ConfigRow[] {
  const specs = kept.map((spec) => effectiveSpec(completeSpec(spec)));
  const ofMethods = [...new Set(specs.flatMap((spec) => methodFacts(spec).map(({ name }) => `method.${name}`)))];
  const methodText = (spec: RunSpec, path: string): string =>
    effectiveParameters(spec).some(({ name }) => `method.${name}` === path) ? settingText(spec, path) : none;
  const others = [...new Set(specs.flatMap((spec) => leafPaths(spec, '')))].filter(
    (path) => !path.startsWith('method.'),
  );
  const row = (path: string, values: readonly string[]): ConfigRow => ({
    path,
    label: fieldLabel(path),
    values,
    isDifferent: new Set(values).size > 1,
  });
  return [
    row(
      'method.id',
      specs.map((spec) => methodById(spec.method.id)?.name ?? spec.method.id),
    ),
    ...ofMethods.map((path) =>
      row(
        path,
        specs.map((spec) => methodText(spec, path)),
      ),
    ),
    ...others.map((path) =>
      row(
        path,
        specs.map((spec) => settingText(spec, path)),
      ),
    ),
  ];
}

const factLabels: Readonly<Record<string, string>> = {
  engine: 'Engine',
  'dataset.content': 'Content of the dataset',
  'model.content': 'Content of the model',
};

/** The same for a comparison, with what no spec says: the engine, and files that changed in their place. */
export function comparedRows(view: ComparisonView): readonly ConfigRow[] {
  const facts = view.differences.filter(({ path }) => path in factLabels);
  return [
    ...facts.map(
      ({ path, values }): ConfigRow => ({ path, label: factLabels[path] ?? path, values, isDifferent: true }),
    ),
    ...configRows(view.runs.map((run) => run.spec)),
  ];
}

const isField = (path: string): boolean => wizardFields.some((field) => field.path === path);

/** Paths of the values in a spec; a field of the form is one value even where it holds several. */
function leafPaths(value: unknown, path: string): readonly string[] {
  const isInner = typeof value === 'object' && value !== null && !Array.isArray(value);
  const inner = isInner
    ? Object.keys(value).flatMap((key) => leafPaths(readField(value, key), path === '' ? key : `${path}.${key}`))
    : [];
  return isInner ? [...(isField(path) ? [path] : []), ...inner] : [path];
}
