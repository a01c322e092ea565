import { runSpecSchema, type RunSpec } from '../../src-main/shared/spec/run-spec';
import { checkRunSpec } from '../../src-main/shared/spec/run-spec-check';
import type { DatasetView, ModelView } from '../../src-main/shared/views/library';
import { methodName } from './method-words';
import { effectiveSpec, parameterOf } from './spec-effect';
import type { WizardDraft, WizardStep } from './wizard-draft';
import { wizardFields } from './wizard-fields';

export interface DraftProblem {
  readonly step: WizardStep;
  /** Of the field in the spec; `model` and `dataset` for the choices of the first steps. */
  readonly path: string;
  readonly message: string;
}

/** What stands at a field: its own problem, or that of a value inside it (a term of a mix). */
export const problemAt = (problems: readonly DraftProblem[], path: string): DraftProblem | null =>
  problems.find((problem) => problem.path === path || problem.path.startsWith(`${path}.`)) ?? null;

/** Everything that keeps Start closed, each at its step and field. Fields without effect are not asked. */
export function problemsOf(
  draft: WizardDraft,
  models: readonly ModelView[],
  datasets: readonly DatasetView[],
): readonly DraftProblem[] {
  const spec = effectiveSpec(draft.spec);
  return [...choiceProblems(draft, spec, models, datasets), ...schemaProblems(spec)];
}

function choiceProblems(
  draft: WizardDraft,
  spec: RunSpec,
  models: readonly ModelView[],
  datasets: readonly DatasetView[],
): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  const model = models.find((m) => m.id === draft.modelId);
  const dataset = datasets.find((d) => d.id === draft.datasetId);
  if (model === undefined)
    problems.push({
      step: 'model',
      path: 'model',
      message:
        draft.modelId === null ? 'Choose a model.' : 'The chosen model is no longer in the list; choose another.',
    });
  if (dataset === undefined)
    problems.push({
      step: 'data',
      path: 'dataset',
      message:
        draft.datasetId === null ? 'Choose a dataset.' : 'The chosen dataset is no longer in the list; choose another.',
    });
  else if (dataset.inspection.usable === 0)
    problems.push({ step: 'data', path: 'dataset', message: 'This dataset has no usable pair.' });
  if (model !== undefined && spec.training.maxLength > model.contextLength)
    problems.push({
      step: 'training',
      path: 'training.maxLength',
      message: `The model reads at most ${model.contextLength} tokens.`,
    });
  if (spec.model.reference !== null) {
    const reference = models.find((m) => `model:${m.id}` === spec.model.reference);
    const at = (message: string): DraftProblem => ({ step: 'training', path: 'model.reference', message });
    if (reference === undefined) problems.push(at('The chosen reference is no longer in the list; choose another.'));
    else if (model !== undefined && reference.vocabulary !== model.vocabulary)
      problems.push(
        at(
          `${reference.name} has ${reference.vocabulary} kinds of tokens, ${model.name} ${model.vocabulary}: they ` +
            'cannot be compared token by token.',
        ),
      );
  }
  return problems;
}

/** Paths stand for what the wizard fills in later. */
const placeholder = '-';

function schemaProblems(spec: RunSpec): readonly DraftProblem[] {
  const input = {
    ...spec,
    model: { ...spec.model, path: placeholder },
    dataset: { ...spec.dataset, path: placeholder },
  };
  const parsed = runSpecSchema.safeParse(input);
  if (!parsed.success) return parsed.error.issues.map((issue) => issueProblem(issue.path.join('.'), issue));
  const crossed = checkRunSpec(input);
  if (crossed.ok) return [];
  const path = String(crossed.error.details?.['path'] ?? '');
  return [{ step: stepOf(path), path, message: `${crossed.error.message} ${crossed.error.hint}` }];
}

/** The reference stands under Training, where the adapter decides what it may be. */
const stepOf = (path: string): WizardStep =>
  path.startsWith('dataset.')
    ? 'data'
    : path.startsWith('method.') && !path.startsWith('method.reference')
      ? 'method'
      : 'training';

interface Issue {
  readonly code: string;
  readonly message: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: boolean;
}

function issueProblem(path: string, issue: Issue): DraftProblem {
  const field = wizardFields.find((candidate) => candidate.path === path);
  const isPercent = field?.kind === 'number' && field.isPercent === true;
  const shown = (bound: unknown): string =>
    isPercent && typeof bound === 'number' ? `${bound * 100} %` : String(bound);
  const message =
    issue.code === 'too_small'
      ? issue.inclusive === false
        ? `Must be more than ${shown(issue.minimum)}.`
        : `Must be at least ${shown(issue.minimum)}.`
      : issue.code === 'too_big'
        ? `Must be at most ${shown(issue.maximum)}.`
        : issue.code === 'invalid_type'
          ? isWhole(path)
            ? 'Needs a whole number.'
            : 'Needs a number.'
          : sentence(issue.message);
  return { step: stepOf(path), path, message };
}

function isWhole(path: string): boolean {
  const field = wizardFields.find((candidate) => candidate.path === path);
  if (field !== undefined) return field.kind === 'number' && field.isWhole === true;
  const range =
    path === 'method.referenceSync.everySteps' ? parameterOf('dpo', 'referenceSync.everySteps')?.range : undefined;
  return range !== undefined && 'min' in range && range.whole === true;
}

/** The schema speaks to people who write ids; here methods have names, and sentences a capital and an end. */
function sentence(text: string): string {
  const named = text.replace(/^\w+/, methodName);
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}${/[.!?]$/.test(named) ? '' : '.'}`;
}
