import type { Events } from '../../src-main/shared/ipc/contract';
import { isActive, isResumable } from '../../src-main/shared/runs/run-status';
import type { MethodEntry } from '../../src-main/shared/catalogue/method-catalogue';
import type { AppInfo, Settings } from '../../src-main/shared/views/app';
import type { DatasetView, ModelView } from '../../src-main/shared/views/library';
import type { RunView } from '../../src-main/shared/views/run';
import { completeSpec, runsReference } from './spec-effect';
import { loading, mapLoadable, valueOf, type Loadable } from './loadable';

/** What every page may need: the library of main, as far as the window knows it. */
export interface AppState {
  readonly info: Loadable<AppInfo>;
  readonly settings: Loadable<Settings>;
  readonly methods: Loadable<readonly MethodEntry[]>;
  readonly models: Loadable<readonly ModelView[]>;
  readonly datasets: Loadable<readonly DatasetView[]>;
  readonly runs: Loadable<readonly RunView[]>;
}

export type AppSlice = keyof AppState;

export const initialAppState: AppState = {
  info: loading,
  settings: loading,
  methods: loading,
  models: loading,
  datasets: loading,
  runs: loading,
};

export type AppAction =
  | { readonly [S in AppSlice]: { readonly kind: 'loaded'; readonly slice: S; readonly data: AppState[S] } }[AppSlice]
  | { readonly kind: 'run-changed'; readonly run: RunView }
  | { readonly kind: 'run-removed'; readonly id: Events['runs:removed']['id'] }
  | { readonly kind: 'settings-changed'; readonly settings: Settings };

export function reduceApp(state: AppState, action: AppAction): AppState {
  switch (action.kind) {
    case 'loaded': {
      // A reload that fails keeps what is on the screen.
      const isWorse = action.data.status === 'failed' && state[action.slice].status === 'ready';
      return isWorse ? state : { ...state, [action.slice]: action.data };
    }
    case 'run-changed':
      return { ...state, runs: mapLoadable(state.runs, (runs) => withRun(runs, action.run)) };
    case 'run-removed':
      return { ...state, runs: mapLoadable(state.runs, (runs) => runs.filter((run) => run.id !== action.id)) };
    case 'settings-changed':
      return { ...state, settings: { status: 'ready', value: action.settings } };
  }
}

/** Newest first; a changed run keeps its place. */
export function withRun(runs: readonly RunView[], run: RunView): readonly RunView[] {
  if (runs.some((known) => known.id === run.id)) return runs.map((known) => (known.id === run.id ? run : known));
  return [run, ...runs].sort((a, b) => b.createdAt - a.createdAt);
}

export const runsOf = (state: AppState): readonly RunView[] => valueOf(state.runs) ?? [];

/** The run whose progress the status bar shows: one that works, before one that waits. */
export function currentRun(runs: readonly RunView[]): RunView | null {
  return (
    runs.find((run) => isActive(run.status) && run.status !== 'queued') ??
    runs.findLast((run) => run.status === 'queued') ??
    null
  );
}

/** Runs that stopped before their end and could go on. */
export const continuable = (runs: readonly RunView[]): readonly RunView[] =>
  runs.filter((run) => isResumable(run.status));

/** Specs hold `model:<id>` while they come from the wizard and a path once main has filled it in. */
export const isModelOf = (model: ModelView, path: string): boolean =>
  path === `model:${model.id}` || path === model.path;
export const isDatasetOf = (dataset: DatasetView, path: string): boolean =>
  path === `dataset:${dataset.id}` || path === dataset.path;

/**
 * Pairs per second of the newest run with the same model, adapter kind, maximum length and use of the reference: the
 * only honest basis for a time before the first step.
 */
export function knownPace(
  runs: readonly RunView[],
  like: RunView['spec'],
  modelPath: string | null,
): { readonly pairsPerSecond: number; readonly run: RunView } | null {
  const run = runs.find(
    (candidate) =>
      candidate.progress.pairsPerSecond !== null &&
      (candidate.spec.model.path === modelPath || candidate.spec.model.path === like.model.path) &&
      candidate.spec.adapter.kind === like.adapter.kind &&
      candidate.spec.training.maxLength === like.training.maxLength &&
      runsReference(completeSpec(candidate.spec)) === runsReference(like),
  );
  return run && run.progress.pairsPerSecond !== null ? { pairsPerSecond: run.progress.pairsPerSecond, run } : null;
}
