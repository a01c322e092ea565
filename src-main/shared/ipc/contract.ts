import { z } from 'zod';
import type { DeepReadonly } from '../deep-readonly';
import type { DatasetInspection, DatasetRows, FileColumns, PairPreview } from '../data/dataset';
import type { DatasetId, FileToken, ModelId, RunId } from '../ids';
import { shortJobs, type JobView } from './jobs';
import type { PairPoint, PositionProfile, ProbeSample } from '../metrics/reports';
import type { MetricName } from '../metrics/registry';
import type { MethodEntry } from '../catalogue/method-catalogue';
import type { Result } from '../result';
import type { MeasuredSpeed } from '../runs/run-time';
import { datasetColumnsSchema, datasetFormats, runSpecSchema } from '../spec/run-spec';
import { exportDtypes, exportForms, type ExportView } from '../views/export';
import { settingsChangeSchema, type AppInfo, type ClosingView, type DoctorReport, type Settings } from '../views/app';
import type { ComparisonView } from '../views/comparison';
import type { DatasetView, ModelView, PickedFile } from '../views/library';
import type { LostRunView, RunDetail, RunForecastView, RunUpdate, RunView, SeriesByName } from '../views/run';

const id = z.string().min(1).max(100);
const brandedId = <T extends string>() => id as unknown as z.ZodType<T>;
const nothing = z.undefined();
const dtype = z.enum(exportDtypes);
const form = z.enum(exportForms);
const runId = z.strictObject({ id: brandedId<RunId>() });
const importedFile = {
  token: brandedId<FileToken>(),
  format: z.enum(datasetFormats),
  columns: datasetColumnsSchema.nullable(),
  modelId: brandedId<ModelId>().nullable(),
};
/** As stored: a run of another version may have reported others. */
const metricName = z.string().max(100) as unknown as z.ZodType<MetricName>;
const count = z.number().int().min(0);

/** Metric names in one request for series; a run with held-out pairs reports more, and the page asks in parts. */
export const seriesNames = 64;

/**
 * Requests: renderer -> main, one reply. One parser a channel, the only list of allowed channels there is: what a
 * request carries is what its parser gives. In specs from the renderer `model.path` and `dataset.path` hold ids
 * (`model:<id>`, `dataset:<id>`); main puts the paths in.
 */
export const parsers = {
  'app:info': nothing,
  'app:doctor': nothing,
  'app:methods': nothing,
  /** What a person may send when something goes wrong, to be read first. */
  'app:diagnostics': nothing,
  /** Saves the text that `app:diagnostics` gave last; null: cancelled. */
  'app:save-diagnostics': nothing,
  /** While the app closes: the run at work is not waited for. */
  'app:end-now': nothing,
  'app:reveal': z.strictObject({ what: z.enum(['home', 'log', 'run', 'export']), id: id.nullable() }),
  'settings:get': nothing,
  'settings:set': settingsChangeSchema,
  /** Opens a dialog of main; null: cancelled. */
  'files:pick': z.strictObject({ kind: z.enum(['dataset', 'model-folder', 'model-file', 'export-folder']) }),
  'models:list': nothing,
  'models:add': z.strictObject({ token: brandedId<FileToken>() }),
  'models:remove': z.strictObject({ id: brandedId<ModelId>() }),
  'datasets:list': nothing,
  /** The columns of a file and what they may be, before it is read as pairs. */
  'datasets:columns': z.strictObject({ token: brandedId<FileToken>() }),
  /** What an import would give, before anything is kept. */
  'datasets:inspect': z.strictObject(importedFile),
  'datasets:add': z.strictObject({ ...importedFile, name: z.string().min(1).max(200) }),
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
  /** Run folders that the history does not know. */
  'runs:lost': nothing,
  /** Lists those again that say what they were. */
  'runs:recover': nothing,
  'runs:get': runId,
  'runs:forecast': runSpecSchema,
  /** Times a few calls of a run of so many steps; a second question about the same is answered at once. */
  'runs:measure': z.strictObject({ spec: runSpecSchema, steps: count.min(1) }),
  /** Inserts the runs and starts the first; the others wait as `queued`. */
  'runs:start': z.strictObject({ specs: z.array(runSpecSchema).min(1).max(8) }),
  'runs:resume': runId,
  'runs:pause': runId,
  'runs:stop': runId,
  'runs:rename': z.strictObject({ id: brandedId<RunId>(), name: z.string().max(200) }),
  'runs:delete': runId,
  /** At most `maxPoints` a series over [fromStep, toStep]; names as stored. */
  'runs:series': z.strictObject({
    id: brandedId<RunId>(),
    names: z.array(metricName).max(seriesNames),
    fromStep: count.nullable(),
    toStep: count.nullable(),
    maxPoints: count.min(2).max(2000),
  }),
  'runs:pairs': z.strictObject({ id: brandedId<RunId>(), sinceStep: count, limit: count.max(20000) }),
  'runs:profile': runId,
  'runs:compare': z.strictObject({ ids: z.array(brandedId<RunId>()).min(1).max(8) }),
  /** `file`: where `runs:save-spec` puts it, which is what the command names. */
  'runs:spec-json': runSpecSchema,
  'runs:save-spec': runSpecSchema,
  /** Runs DPO and SamPO on the starter model and dataset; returns both ids. */
  'runs:sample': nothing,
  /** Work of the engine beside training that has not ended: what waits and what is under way, in turn. */
  'jobs:list': nothing,
  /**
   * Ends one job by its id, or all of a kind; whoever waits for it gets the error `stopped`. One that has ended
   * meanwhile is no error.
   */
  'jobs:cancel': z.union([z.strictObject({ id }), z.strictObject({ job: z.enum(shortJobs) })]),
  'exports:start': z.strictObject({
    runId: brandedId<RunId>(),
    form,
    dtype,
    folder: brandedId<FileToken>(),
    folderName: z.string().min(1).max(200),
  }),
  'exports:preview': z.strictObject({ runId: brandedId<RunId>(), form, dtype }),
} satisfies Readonly<Record<keyof Replies, z.ZodType>>;

export type Channel = keyof typeof parsers;
export type Requests = {
  readonly [C in Channel]: { readonly in: DeepReadonly<z.output<(typeof parsers)[C]>>; readonly out: Replies[C] };
};

/** What main answers, by channel. One more here or in `parsers` breaks the build until main handles it. */
interface Replies {
  'app:info': AppInfo;
  'app:doctor': DoctorReport;
  'app:methods': readonly MethodEntry[];
  'app:diagnostics': { readonly text: string };
  'app:save-diagnostics': { readonly path: string } | null;
  'app:end-now': null;
  'app:reveal': null;
  'settings:get': Settings;
  'settings:set': Settings;
  'files:pick': PickedFile | null;
  'models:list': readonly ModelView[];
  'models:add': ModelView;
  'models:remove': null;
  'datasets:list': readonly DatasetView[];
  'datasets:columns': FileColumns;
  'datasets:inspect': DatasetInspection;
  'datasets:add': DatasetView;
  'datasets:measure': DatasetView;
  'datasets:remove': null;
  'datasets:rows': DatasetRows;
  'datasets:preview': readonly PairPreview[];
  'runs:list': readonly RunView[];
  'runs:lost': readonly LostRunView[];
  'runs:recover': { readonly added: number; readonly left: number };
  'runs:get': RunDetail;
  'runs:forecast': RunForecastView;
  'runs:measure': MeasuredSpeed;
  'runs:start': readonly RunId[];
  'runs:resume': null;
  'runs:pause': null;
  'runs:stop': null;
  'runs:rename': null;
  'runs:delete': null;
  'runs:series': SeriesByName;
  'runs:pairs': readonly PairPoint[];
  'runs:profile': PositionProfile | null;
  'runs:compare': ComparisonView;
  'runs:spec-json': { readonly json: string; readonly file: string; readonly command: string | null };
  'runs:save-spec': { readonly file: string };
  'runs:sample': readonly RunId[];
  'jobs:list': readonly JobView[];
  'jobs:cancel': null;
  'exports:start': ExportView;
  'exports:preview': { readonly modelCard: string; readonly estimatedBytes: number; readonly diskFreeBytes: number };
}

export type Handlers = { readonly [C in Channel]: (input: Requests[C]['in']) => Promise<Requests[C]['out']> };
export interface Api {
  request<C extends Channel>(channel: C, input: Requests[C]['in']): Promise<Result<Requests[C]['out']>>;
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** A preference file that a person dropped on the page, as if it had been picked. */
  dropped(file: File): Promise<Result<PickedFile>>;
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
 * Where the preload sends the path of a dropped file. Not one of `Requests`: a page can name no path, it can only hand
 * the preload a File, whose path Electron knows.
 */
export const dropChannel = 'files:dropped';
