import { z } from 'zod';
import type { DatasetInspection, FileColumns, PairPreview, ProblemGroup } from './dataset';
import type { DatasetId, FileToken, ModelId, RunId } from './ids';
import { shortJobs, type JobView, type ShortJobName } from './jobs';
import type { MemoryParts } from './memory-parts';
import type { PairPoint, PositionProfile, ProbeSample } from './metrics';
import type { MethodEntry } from './method-catalogue';
import type { Result } from './result';
import type { MeasuredSpeed } from './run-time';
import type { RunWarning } from './run-warnings';
import {
  datasetColumnsSchema,
  datasetFormats,
  runSpecSchema,
  type DatasetColumns,
  type DatasetFormat,
  type RunSpec,
} from './run-spec';
import type {
  AppInfo,
  ClosingView,
  ComparisonView,
  DatasetView,
  DoctorReport,
  ExportView,
  LostRunView,
  ModelView,
  PickedFile,
  RunDetail,
  RunUpdate,
  RunView,
  SeriesByName,
  Settings,
} from './views';

/** In specs from the renderer `model.path` and `dataset.path` hold ids (`model:<id>`, `dataset:<id>`); main puts the paths in. */

/** Requests: renderer -> main, one reply. Adding one breaks the build until main handles it. */
export interface Requests {
  'app:info': { in: undefined; out: AppInfo };
  'app:doctor': { in: undefined; out: DoctorReport };
  'app:methods': { in: undefined; out: readonly MethodEntry[] };
  /** What a person may send when something goes wrong, to be read first. */
  'app:diagnostics': { in: undefined; out: { readonly text: string } };
  /** Saves the text that `app:diagnostics` gave last; null: cancelled. */
  'app:save-diagnostics': { in: undefined; out: { readonly path: string } | null };
  /** While the app closes: the run at work is not waited for. */
  'app:end-now': { in: undefined; out: null };
  'app:reveal': { in: { readonly what: 'home' | 'log' | 'run' | 'export'; readonly id: string | null }; out: null };
  'settings:get': { in: undefined; out: Settings };
  'settings:set': { in: Partial<Settings>; out: Settings };
  /** Opens a dialog of main; null: cancelled. */
  'files:pick': {
    in: { readonly kind: 'dataset' | 'model-folder' | 'model-file' | 'export-folder' };
    out: PickedFile | null;
  };
  'models:list': { in: undefined; out: readonly ModelView[] };
  'models:add': { in: { readonly token: FileToken }; out: ModelView };
  'models:remove': { in: { readonly id: ModelId }; out: null };
  'datasets:list': { in: undefined; out: readonly DatasetView[] };
  /** What an import would give, before anything is kept. */
  /** The columns of a file and what they may be, before it is read as pairs. */
  'datasets:columns': { in: { readonly token: FileToken }; out: FileColumns };
  'datasets:inspect': {
    in: {
      readonly token: FileToken;
      readonly format: DatasetFormat;
      readonly columns: DatasetColumns | null;
      readonly modelId: ModelId | null;
    };
    out: DatasetInspection;
  };
  'datasets:add': {
    in: {
      readonly token: FileToken;
      readonly format: DatasetFormat;
      readonly columns: DatasetColumns | null;
      readonly name: string;
      readonly modelId: ModelId | null;
    };
    out: DatasetView;
  };
  'datasets:measure': { in: { readonly id: DatasetId; readonly modelId: ModelId }; out: DatasetView };
  'datasets:remove': { in: { readonly id: DatasetId }; out: null };
  'datasets:rows': {
    in: { readonly id: DatasetId; readonly offset: number; readonly limit: number; readonly search: string };
    out: {
      readonly total: number;
      readonly rows: readonly {
        readonly row: number;
        readonly prompt: string;
        readonly chosen: string;
        readonly rejected: string;
      }[];
    };
  };
  'datasets:preview': {
    in: {
      readonly id: DatasetId;
      readonly modelId: ModelId;
      readonly maxLength: number;
      readonly rows: readonly number[];
      readonly sampling: string;
    };
    out: readonly PairPreview[];
  };
  'runs:list': { in: { readonly search: string }; out: readonly RunView[] };
  /** Run folders that the history does not know. */
  'runs:lost': { in: undefined; out: readonly LostRunView[] };
  /** Lists those again that say what they were. */
  'runs:recover': { in: undefined; out: { readonly added: number; readonly left: number } };
  'runs:get': { in: { readonly id: RunId }; out: RunDetail };
  'runs:forecast': { in: RunSpec; out: RunForecastView };
  /** Times a few calls of a run of so many steps; a second question about the same is answered at once. */
  'runs:measure': { in: { readonly spec: RunSpec; readonly steps: number }; out: MeasuredSpeed };
  /** Inserts the runs and starts the first; the others wait as `queued`. */
  'runs:start': { in: { readonly specs: readonly RunSpec[] }; out: readonly RunId[] };
  'runs:resume': { in: { readonly id: RunId }; out: null };
  'runs:pause': { in: { readonly id: RunId }; out: null };
  'runs:stop': { in: { readonly id: RunId }; out: null };
  'runs:rename': { in: { readonly id: RunId; readonly name: string }; out: null };
  'runs:delete': { in: { readonly id: RunId }; out: null };
  /** At most `maxPoints` a series over [fromStep, toStep]; names as stored. */
  'runs:series': {
    in: {
      readonly id: RunId;
      readonly names: readonly string[];
      readonly fromStep: number | null;
      readonly toStep: number | null;
      readonly maxPoints: number;
    };
    out: SeriesByName;
  };
  'runs:pairs': {
    in: { readonly id: RunId; readonly sinceStep: number; readonly limit: number };
    out: readonly PairPoint[];
  };
  'runs:profile': { in: { readonly id: RunId }; out: PositionProfile | null };
  'runs:compare': { in: { readonly ids: readonly RunId[] }; out: ComparisonView };
  /** `file`: where `runs:save-spec` puts it, which is what the command names. */
  'runs:spec-json': {
    in: RunSpec;
    out: { readonly json: string; readonly file: string; readonly command: string | null };
  };
  'runs:save-spec': { in: RunSpec; out: { readonly file: string } };
  /** Runs DPO and SamPO on the starter model and dataset; returns both ids. */
  'runs:sample': { in: undefined; out: readonly RunId[] };
  /** Work of the engine beside training that has not ended: what waits and what is under way, in turn. */
  'jobs:list': { in: undefined; out: readonly JobView[] };
  /** Ends one job by its id, or all of a kind; whoever waits for it gets the error `stopped`. One that has ended meanwhile is no error. */
  'jobs:cancel': { in: { readonly id: string } | { readonly job: ShortJobName }; out: null };
  'exports:start': {
    in: {
      readonly runId: RunId;
      readonly form: 'merged' | 'adapter';
      readonly dtype: 'f32' | 'f16' | 'bf16';
      readonly folder: FileToken;
      readonly folderName: string;
    };
    out: ExportView;
  };
  'exports:preview': {
    in: { readonly runId: RunId; readonly form: 'merged' | 'adapter'; readonly dtype: 'f32' | 'f16' | 'bf16' };
    out: { readonly modelCard: string; readonly estimatedBytes: number; readonly diskFreeBytes: number };
  };
}

export interface RunForecastView {
  readonly steps: number;
  readonly usablePairs: number;
  readonly evalPairs: number;
  readonly problems: number;
  readonly problemGroups: readonly ProblemGroup[];
  readonly cutPairs: number;
  readonly droppedPairs: number;
  readonly longestPairTokens: number;
  readonly tokensKeptShare: number | null;
  readonly memoryBytes: number;
  readonly memoryParts: MemoryParts;
  readonly freeMemoryBytes: number;
  readonly trainableParameters: number;
  readonly probes: number;
  readonly medianAnswerTokens: number; // of the chosen answers, before cutting
  readonly pairTokens: { readonly most: number; readonly longest: number }; // before cutting; `most`: 99 of 100 pairs have no more
  readonly warnings: readonly RunWarning[];
}

/** Events: main -> renderer. The renderer must stay correct if any of them is lost. */
export interface Events {
  'runs:changed': { readonly run: RunView };
  'runs:removed': { readonly id: RunId };
  'runs:metrics': RunUpdate;
  'runs:probe': { readonly runId: RunId; readonly sample: ProbeSample };
  'models:changed': { readonly reason: string };
  'datasets:changed': { readonly reason: string };
  'exports:progress': { readonly runId: RunId; readonly done: number; readonly total: number };
  /** A job began to wait, began, got further, or ended. */
  'jobs:changed': { readonly job: JobView };
  'settings:changed': Settings;
  'app:closing': ClosingView;
  /** A menu asks the page to show something. */
  'app:show': { readonly what: 'diagnostics' };
}
export const eventNames = [
  'runs:changed',
  'runs:removed',
  'runs:metrics',
  'runs:probe',
  'models:changed',
  'datasets:changed',
  'exports:progress',
  'jobs:changed',
  'settings:changed',
  'app:closing',
  'app:show',
] as const satisfies readonly (keyof Events)[];
/** How events cross to the page: batches of these, in order, on one channel. */
export type SentEvent = { readonly [E in keyof Events]: readonly [event: E, payload: Events[E]] }[keyof Events];
export const eventChannel = 'events';

/**
 * Where the preload sends the path of a dropped file. Not one of `Requests`: a page can name no path, it can only hand the preload a File, whose path Electron knows.
 */
export const dropChannel = 'files:dropped';

export type Channel = keyof Requests;
export type Handlers = { readonly [C in Channel]: (input: Requests[C]['in']) => Promise<Requests[C]['out']> };
export interface Api {
  request<C extends Channel>(channel: C, input: Requests[C]['in']): Promise<Result<Requests[C]['out']>>;
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** A preference file that a person dropped on the page, as if it had been picked. */
  dropped(file: File): Promise<Result<PickedFile>>;
}

const id = z.string().min(1).max(100);
const brandedId = <T extends string>() => id as unknown as z.ZodType<T>;
const nothing = z.undefined();
const format = z.enum(datasetFormats);
const columns = datasetColumnsSchema.nullable();
const dtype = z.enum(['f32', 'f16', 'bf16']);
const form = z.enum(['merged', 'adapter']);
const runId = z.strictObject({ id: brandedId<RunId>() });
const device = z.union([
  z.enum(['auto', 'cpu']),
  z.string().regex(/^gpu:\d{1,2}$/) as unknown as z.ZodType<`gpu:${number}`>,
]);
const count = z.number().int().min(0);

/** Metric names in one request for series; a run with held-out pairs reports more, and the page asks in parts. */
export const seriesNames = 64;

/** One parser a channel: the only list of allowed channels there is. */
export const parsers = {
  'app:info': nothing,
  'app:doctor': nothing,
  'app:methods': nothing,
  'app:diagnostics': nothing,
  'app:save-diagnostics': nothing,
  'app:end-now': nothing,
  'app:reveal': z.strictObject({ what: z.enum(['home', 'log', 'run', 'export']), id: id.nullable() }),
  'settings:get': nothing,
  'settings:set': z.strictObject({
    theme: z.enum(['system', 'light', 'dark']).exactOptional(),
    engine: z.enum(['auto', 'tensorflow', 'wasm']).exactOptional(),
    device: device.exactOptional(),
    tf32: z.boolean().exactOptional(),
  }),
  'files:pick': z.strictObject({ kind: z.enum(['dataset', 'model-folder', 'model-file', 'export-folder']) }),
  'models:list': nothing,
  'models:add': z.strictObject({ token: brandedId<FileToken>() }),
  'models:remove': z.strictObject({ id: brandedId<ModelId>() }),
  'datasets:list': nothing,
  'datasets:columns': z.strictObject({ token: brandedId<FileToken>() }),
  'datasets:inspect': z.strictObject({
    token: brandedId<FileToken>(),
    format,
    columns,
    modelId: brandedId<ModelId>().nullable(),
  }),
  'datasets:add': z.strictObject({
    token: brandedId<FileToken>(),
    format,
    columns,
    name: z.string().min(1).max(200),
    modelId: brandedId<ModelId>().nullable(),
  }),
  'datasets:measure': z.strictObject({ id: brandedId<DatasetId>(), modelId: brandedId<ModelId>() }),
  'datasets:remove': z.strictObject({ id: brandedId<DatasetId>() }),
  'datasets:rows': z.strictObject({
    id: brandedId<DatasetId>(),
    offset: count,
    limit: count.max(200),
    search: z.string().max(500),
  }),
  'datasets:preview': z.strictObject({
    id: brandedId<DatasetId>(),
    modelId: brandedId<ModelId>(),
    maxLength: count.min(8),
    rows: z.array(count).max(50),
    sampling: z.string().max(20),
  }),
  'runs:list': z.strictObject({ search: z.string().max(500) }),
  'runs:lost': nothing,
  'runs:recover': nothing,
  'runs:get': runId,
  'runs:forecast': runSpecSchema,
  'runs:measure': z.strictObject({ spec: runSpecSchema, steps: count.min(1) }),
  'runs:start': z.strictObject({ specs: z.array(runSpecSchema).min(1).max(8) }),
  'runs:resume': runId,
  'runs:pause': runId,
  'runs:stop': runId,
  'runs:rename': z.strictObject({ id: brandedId<RunId>(), name: z.string().max(200) }),
  'runs:delete': runId,
  'runs:series': z.strictObject({
    id: brandedId<RunId>(),
    names: z.array(z.string().max(100)).max(seriesNames),
    fromStep: count.nullable(),
    toStep: count.nullable(),
    maxPoints: count.min(2).max(2000),
  }),
  'runs:pairs': z.strictObject({ id: brandedId<RunId>(), sinceStep: count, limit: count.max(20000) }),
  'runs:profile': runId,
  'runs:compare': z.strictObject({ ids: z.array(brandedId<RunId>()).min(1).max(8) }),
  'runs:spec-json': runSpecSchema,
  'runs:save-spec': runSpecSchema,
  'runs:sample': nothing,
  'jobs:list': nothing,
  'jobs:cancel': z.union([z.strictObject({ id }), z.strictObject({ job: z.enum(shortJobs) })]),
  'exports:start': z.strictObject({
    runId: brandedId<RunId>(),
    form,
    dtype,
    folder: brandedId<FileToken>(),
    folderName: z.string().min(1).max(200),
  }),
  'exports:preview': z.strictObject({ runId: brandedId<RunId>(), form, dtype }),
} satisfies { readonly [C in Channel]: z.ZodType<Requests[C]['in']> };
