import { methodById, methodCatalogue, type MethodEntry } from '../../src-main/shared/method-catalogue';
import { runSpecSchema, type RunSpec } from '../../src-main/shared/run-spec';
import type { DatasetView, ModelView } from '../../src-main/shared/views';
import { readField, wizardFields, writeField } from './wizard-fields';

/** The wizard's form. Ids instead of paths: main puts the paths in. */
export const wizardSteps = ['model', 'data', 'method', 'training', 'review'] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const stepTitles: Readonly<Record<WizardStep, string>> = { model: 'Model', data: 'Data', method: 'Method', training: 'Training', review: 'Review' };

export interface WizardDraft {
  readonly version: 1;
  readonly step: WizardStep;
  readonly modelId: string | null;
  readonly datasetId: string | null;
  /** `model.path` and `dataset.path` in here are placeholders; `specOf` fills them in. */
  readonly spec: RunSpec;
  readonly presetId: string | null;
  /** Method of a second run that is alike in everything else. */
  readonly twin: RunSpec['method']['id'] | null;
}

const placeholder = '-';
export const defaultSpec: RunSpec = runSpecSchema.parse({ model: { path: placeholder }, dataset: { path: placeholder } });

export const emptyDraft: WizardDraft = { version: 1, step: 'model', modelId: null, datasetId: null, spec: defaultSpec, presetId: null, twin: null };

export type WizardAction =
  | { readonly kind: 'step'; readonly step: WizardStep }
  | { readonly kind: 'model'; readonly id: string; readonly contextLength: number }
  | { readonly kind: 'dataset'; readonly id: string }
  | { readonly kind: 'method'; readonly id: RunSpec['method']['id'] }
  | { readonly kind: 'preset'; readonly id: string | null }
  | { readonly kind: 'twin'; readonly id: RunSpec['method']['id'] | null }
  | { readonly kind: 'adapter'; readonly value: 'lora' | 'none' }
  | { readonly kind: 'field'; readonly path: string; readonly value: unknown }
  | { readonly kind: 'reset' };

export function reduceWizard(draft: WizardDraft, action: WizardAction): WizardDraft {
  switch (action.kind) {
    case 'step':
      return { ...draft, step: action.step };
    case 'model':
      return { ...draft, modelId: action.id, spec: withWindow(draft.spec, action.contextLength) };
    case 'dataset':
      return { ...draft, datasetId: action.id };
    case 'method':
      return withMethod(draft, action.id);
    case 'preset':
      return withPreset(draft, action.id);
    case 'twin':
      return { ...draft, twin: action.id === draft.spec.method.id ? null : action.id };
    case 'adapter':
      return draft.spec.adapter.kind === action.value
        ? draft
        : { ...draft, spec: { ...draft.spec, adapter: action.value === 'lora' ? defaultSpec.adapter : { kind: 'none' } } };
    case 'field':
      return { ...draft, presetId: isPresetField(action.path) ? null : draft.presetId, spec: writeField(draft.spec, action.path, action.value) };
    case 'reset':
      return emptyDraft;
  }
}

/** A pair longer than the model reads is refused, so the default follows the model; a length that someone typed and that fits stays. */
function withWindow(spec: RunSpec, contextLength: number): RunSpec {
  return spec.training.maxLength <= contextLength ? spec : { ...spec, training: { ...spec.training, maxLength: contextLength } };
}

const isPresetField = (path: string): boolean => path.startsWith('method.') || path === 'training.learningRate' || path === 'training.epochs';

/** A method's own parameters start from its defaults; what both methods have keeps its value. */
function withMethod(draft: WizardDraft, id: RunSpec['method']['id']): WizardDraft {
  const entry = methodById(id);
  if (entry === undefined || id === draft.spec.method.id) return draft;
  const kept = entry.parameters.some((p) => p.name === 'beta') ? draft.spec.method.beta : defaultSpec.method.beta;
  return {
    ...draft,
    presetId: null,
    twin: draft.twin === id || entry.objective === 'supervised' ? null : draft.twin,
    spec: { ...draft.spec, objective: entry.objective, method: { ...defaultSpec.method, id, beta: kept } },
  };
}

function withPreset(draft: WizardDraft, id: string | null): WizardDraft {
  const preset = methodById(draft.spec.method.id)?.presets.find((candidate) => candidate.id === id);
  const base = { ...draft.spec, method: { ...defaultSpec.method, id: draft.spec.method.id } };
  if (preset === undefined) return { ...draft, presetId: null, spec: { ...base, training: { ...draft.spec.training, learningRate: defaultSpec.training.learningRate, epochs: defaultSpec.training.epochs } } };
  return { ...draft, presetId: preset.id, spec: { ...base, method: { ...base.method, ...preset.values } as RunSpec['method'], training: { ...draft.spec.training, ...preset.training } } };
}

/** The spec as main wants it, or null while model or data are missing. */
export function specOf(draft: WizardDraft, methodId: RunSpec['method']['id'] = draft.spec.method.id): RunSpec | null {
  if (draft.modelId === null || draft.datasetId === null) return null;
  const isTwin = methodId !== draft.spec.method.id;
  const method = isTwin ? { ...draft.spec.method, id: methodId, sampling: null } : draft.spec.method;
  const name = isTwin && draft.spec.name !== '' ? `${draft.spec.name} (${methodById(methodId)?.name ?? methodId})` : draft.spec.name;
  return {
    ...draft.spec,
    name,
    objective: methodById(methodId)?.objective ?? draft.spec.objective,
    model: { ...draft.spec.model, path: `model:${draft.modelId}` },
    dataset: { ...draft.spec.dataset, path: `dataset:${draft.datasetId}` },
    method,
  };
}

/** Every run that Start would make. */
export function specsOf(draft: WizardDraft): readonly RunSpec[] {
  return [specOf(draft), draft.twin === null ? null : specOf(draft, draft.twin)].filter((spec): spec is RunSpec => spec !== null);
}

export interface DraftProblem {
  readonly step: WizardStep;
  readonly path: string;
  readonly message: string;
}

export function problemsOf(draft: WizardDraft, models: readonly ModelView[], datasets: readonly DatasetView[]): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  const model = models.find((m) => m.id === draft.modelId);
  const dataset = datasets.find((d) => d.id === draft.datasetId);
  if (model === undefined) problems.push({ step: 'model', path: 'model', message: draft.modelId === null ? 'Choose a model.' : 'The chosen model is no longer in the list; choose another.' });
  if (dataset === undefined) problems.push({ step: 'data', path: 'dataset', message: draft.datasetId === null ? 'Choose a dataset.' : 'The chosen dataset is no longer in the list; choose another.' });
  else if (dataset.inspection.usable === 0) problems.push({ step: 'data', path: 'dataset', message: 'This dataset has no usable pair.' });
  if (model !== undefined && draft.spec.training.maxLength > model.contextLength)
    problems.push({ step: 'training', path: 'training.maxLength', message: `The model reads at most ${model.contextLength} tokens.` });
  const parsed = runSpecSchema.safeParse({ ...draft.spec, model: { ...draft.spec.model, path: placeholder }, dataset: { ...draft.spec.dataset, path: placeholder } });
  if (!parsed.success) for (const issue of parsed.error.issues) problems.push(issueProblem(issue.path.join('.'), issue));
  return problems;
}

function issueProblem(path: string, issue: { readonly code: string; readonly message: string; readonly minimum?: unknown; readonly maximum?: unknown; readonly inclusive?: boolean }): DraftProblem {
  const step: WizardStep = path.startsWith('dataset.') ? 'data' : path.startsWith('method.') ? 'method' : 'training';
  const field = wizardFields.find((candidate) => candidate.path === path);
  const isPercent = field?.kind === 'number' && field.isPercent === true;
  const shown = (bound: unknown): string => (isPercent && typeof bound === 'number' ? `${bound * 100} %` : String(bound));
  const message =
    issue.code === 'too_small' ? (issue.inclusive === false ? `Must be more than ${shown(issue.minimum)}.` : `Must be at least ${shown(issue.minimum)}.`)
    : issue.code === 'too_big' ? `Must be at most ${shown(issue.maximum)}.`
    : issue.code === 'invalid_type' ? 'Needs a number.'
    : issue.message;
  return { step, path, message };
}

export const fieldLabel = (path: string): string =>
  wizardFields.find((field) => field.path === path)?.label ??
  methodCatalogue.flatMap((method) => method.parameters).find((parameter) => `method.${parameter.name}` === path)?.label ??
  otherLabels[path] ?? path;

const otherLabels: Readonly<Record<string, string>> = { name: 'Name', 'method.id': 'Method', 'adapter.kind': 'Adapter', objective: 'Objective', 'model.path': 'Model', 'model.reference': 'Reference', 'dataset.path': 'Dataset', 'dataset.format': 'Format' };

/** What a person changed, in their words: path, label, value, default. */
export function changesOf(spec: RunSpec): readonly { readonly path: string; readonly label: string; readonly value: unknown; readonly byDefault: unknown }[] {
  const method = methodById(spec.method.id);
  const paths = [...wizardFields.map((field) => field.path), ...(method?.parameters ?? []).map((parameter) => `method.${parameter.name}`), 'adapter.kind'];
  return paths.flatMap((path) => {
    const value = readField(spec, path);
    const byDefault = readField(defaultSpec, path);
    const isSame = JSON.stringify(value) === JSON.stringify(byDefault) || (path.startsWith('adapter.') && path !== 'adapter.kind' && spec.adapter.kind === 'none');
    return isSame ? [] : [{ path, label: fieldLabel(path), value, byDefault }];
  });
}

export const twinChoices = (methods: readonly MethodEntry[], id: string): readonly MethodEntry[] => {
  const own = methods.find((method) => method.id === id);
  return own?.objective === 'preference' ? methods.filter((method) => method.id !== id && method.objective === 'preference') : [];
};

/** A draft kept by the window's session; anything that does not fit today's form is dropped. */
export function parseDraft(text: string | null): WizardDraft {
  if (text === null) return emptyDraft;
  try {
    const draft = JSON.parse(text) as Partial<WizardDraft>;
    const spec = runSpecSchema.safeParse(draft.spec);
    if (draft.version !== 1 || !spec.success || !wizardSteps.some((step) => step === draft.step)) return emptyDraft;
    const id = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    const twin = runSpecSchema.shape.method.unwrap().shape.id.safeParse(draft.twin);
    return { version: 1, step: draft.step ?? 'model', modelId: id(draft.modelId), datasetId: id(draft.datasetId), presetId: id(draft.presetId), twin: typeof draft.twin === 'string' && twin.success ? twin.data : null, spec: spec.data };
  } catch {
    return emptyDraft;
  }
}
