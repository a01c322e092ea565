import { methodById, type MethodEntry, type MethodId } from '../../src-main/shared/catalogue/method-catalogue';
import { runSpecSchema, type RunSpec } from '../../src-main/shared/spec/run-spec';
import { defaultSpec } from './default-spec';
import { methodName } from './method-words';
import { carriedMethod, effectiveSpec, type ReferenceMode } from './spec-effect';
import { readField, writeField } from './wizard-fields';
import { presetState, withPreset } from './wizard-presets';
import type { Proposal } from './wizard-proposals';

/** The wizard's form. Ids instead of paths: main puts the paths in. */
export const wizardSteps = ['model', 'data', 'method', 'training', 'review'] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const stepTitles: Readonly<Record<WizardStep, string>> = {
  model: 'Model',
  data: 'Data',
  method: 'Method',
  training: 'Training',
  review: 'Review',
};

export interface WizardDraft {
  readonly version: 1;
  readonly step: WizardStep;
  readonly modelId: string | null;
  readonly datasetId: string | null;
  /** `model.path` and `dataset.path` in here are placeholders; `specOf` fills them in. */
  readonly spec: RunSpec;
  /** The preset last applied; what was changed since, `presetState` tells. */
  readonly presetId: string | null;
  /** Method of a second run that is alike in everything else. */
  readonly twin: MethodId | null;
  /** Fields that a person has set: nothing proposes another value for them. */
  readonly touched: readonly string[];
  /** Why fields have the values that were proposed for them. */
  readonly proposed: readonly Proposal[];
}

export const emptyDraft: WizardDraft = {
  version: 1,
  step: 'model',
  modelId: null,
  datasetId: null,
  spec: defaultSpec,
  presetId: null,
  twin: null,
  touched: [],
  proposed: [],
};

export type WizardAction =
  | { readonly kind: 'step'; readonly step: WizardStep }
  | { readonly kind: 'model'; readonly id: string; readonly contextLength: number }
  | { readonly kind: 'dataset'; readonly id: string }
  | { readonly kind: 'method'; readonly id: MethodId }
  | { readonly kind: 'preset'; readonly id: string | null }
  | { readonly kind: 'twin'; readonly id: MethodId | null }
  | { readonly kind: 'adapter'; readonly value: 'lora' | 'none' }
  /** `modelId` for another model as reference. */
  | { readonly kind: 'reference'; readonly mode: ReferenceMode; readonly modelId: string | null }
  | { readonly kind: 'field'; readonly path: string; readonly value: unknown }
  /** From data, model and machine, for fields that nobody has set. */
  | { readonly kind: 'propose'; readonly proposals: readonly Proposal[] }
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
      return { ...draft, ...withPreset(draft, action.id) };
    case 'twin':
      return { ...draft, twin: action.id === draft.spec.method.id ? null : action.id };
    case 'adapter':
      return draft.spec.adapter.kind === action.value
        ? draft
        : {
            ...draft,
            spec: { ...draft.spec, adapter: action.value === 'lora' ? defaultSpec.adapter : { kind: 'none' } },
          };
    case 'reference':
      return { ...draft, spec: withReference(draft.spec, action.mode, action.modelId) };
    case 'field':
      return {
        ...draft,
        spec: writeField(draft.spec, action.path, action.value),
        touched: [...new Set([...draft.touched, action.path])],
      };
    case 'propose':
      return withProposals(draft, action.proposals);
    case 'reset':
      return emptyDraft;
  }
}

/** The same draft where nothing changes, so that proposals come to rest. */
function withProposals(draft: WizardDraft, given: readonly Proposal[]): WizardDraft {
  const free = given.filter(({ path }) => !draft.touched.includes(path));
  if (JSON.stringify(free) === JSON.stringify(draft.proposed)) return draft;
  return {
    ...draft,
    proposed: free,
    spec: free.reduce((spec, { path, value }) => writeField(spec, path, value), draft.spec),
  };
}

/** Why a field has its value, while it has the proposed one. */
export const proposalFor = ({ proposed, spec }: Pick<WizardDraft, 'proposed' | 'spec'>, path: string): string | null =>
  proposed.find((proposal) => proposal.path === path && proposal.value === readField(spec, path))?.why || null;

/**
 * A pair longer than the model reads is refused, so the default follows the model; a length that someone typed and that
 * fits stays.
 */
function withWindow(spec: RunSpec, contextLength: number): RunSpec {
  return spec.training.maxLength <= contextLength
    ? spec
    : { ...spec, training: { ...spec.training, maxLength: contextLength } };
}

function withMethod(draft: WizardDraft, id: MethodId): WizardDraft {
  const entry = methodById(id);
  if (entry === undefined || id === draft.spec.method.id) return draft;
  const next = {
    ...draft,
    twin: draft.twin === id || entry.objective === 'supervised' ? null : draft.twin,
    spec: { ...draft.spec, objective: entry.objective, method: carriedMethod(draft.spec.method, id) },
  };
  // Presets of one name stand in several methods' rows; the name stays only where it still says what is set.
  return presetState(next)?.changes.length === 0 ? next : { ...next, presetId: null };
}

/** Steps between two moves of a reference that follows; TR-DPO's 512 is longer than many runs here. */
const followEvery = 100;

function withReference(spec: RunSpec, mode: ReferenceMode, modelId: string | null): RunSpec {
  const { referenceSync } = spec.method;
  const everySteps = mode !== 'follows' ? 0 : referenceSync.everySteps > 0 ? referenceSync.everySteps : followEvery;
  return {
    ...spec,
    model: { ...spec.model, reference: mode === 'other' && modelId !== null ? `model:${modelId}` : null },
    method: { ...spec.method, referenceFree: mode === 'none', referenceSync: { ...referenceSync, everySteps } },
  };
}

/** The spec as main wants it, or null while model or data are missing. */
export function specOf(draft: WizardDraft, id: MethodId = draft.spec.method.id): RunSpec | null {
  if (draft.modelId === null || draft.datasetId === null) return null;
  const isTwin = id !== draft.spec.method.id;
  return effectiveSpec({
    ...draft.spec,
    name: isTwin && draft.spec.name !== '' ? `${draft.spec.name} (${methodName(id)})` : draft.spec.name,
    model: { ...draft.spec.model, path: `model:${draft.modelId}` },
    dataset: { ...draft.spec.dataset, path: `dataset:${draft.datasetId}` },
    method: isTwin ? carriedMethod(draft.spec.method, id) : draft.spec.method,
  });
}

/** Every run that Start would make. */
export function specsOf(draft: WizardDraft): readonly RunSpec[] {
  return [specOf(draft), draft.twin === null ? null : specOf(draft, draft.twin)].filter(
    (spec): spec is RunSpec => spec !== null,
  );
}

export const twinChoices = (methods: readonly MethodEntry[], id: string): readonly MethodEntry[] => {
  const own = methods.find((method) => method.id === id);
  return own?.objective === 'preference'
    ? methods.filter((method) => method.id !== id && method.objective === 'preference')
    : [];
};

/** A draft kept by the window's session; anything that does not fit today's form is dropped. */
export function parseDraft(text: string | null): WizardDraft {
  if (text === null) return emptyDraft;
  try {
    const draft = JSON.parse(text) as Partial<WizardDraft>;
    const spec = runSpecSchema.safeParse(draft.spec);
    if (draft.version !== 1 || !spec.success || !wizardSteps.some((step) => step === draft.step)) return emptyDraft;
    const id = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      version: 1,
      step: draft.step ?? 'model',
      modelId: id(draft.modelId),
      datasetId: id(draft.datasetId),
      presetId: id(draft.presetId),
      twin: methodById(String(draft.twin))?.id ?? null,
      spec: spec.data,
      touched: Array.isArray(draft.touched) ? draft.touched.map(String) : [],
      proposed: [],
    };
  } catch {
    return emptyDraft;
  }
}
