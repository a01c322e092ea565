import { z } from 'zod';
import type { DatasetColumns, DatasetFormat, RunSpec } from './run-spec';
import type { DatasetId, ExportId, FileToken, ModelId, RunId } from './ids';
import type { DatasetInspection, ProblemGroup } from './dataset';
import type { EngineInfo } from './ipc/engine-events';
import type { MemoryParts } from './memory-parts';
import type { MetricPoint, PairPoint, PositionProfile, ProbeSample, Split } from './metrics';
import type { MetricName } from './metrics/registry';
import type { AppError } from './result';
import type { RunStatus } from './run-status';
import type { RunWarning } from './run-warnings';
import type { Interval } from './statistics';

// What main shows the renderer: rows of the store joined for a page. Paths here are for display only.

/** What a model's files say of it. */
export interface ModelInspection {
  readonly path: string;
  readonly family: string; // transformers' `model_type`; engine/families says which there are
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly source: WeightFormat;
  readonly weightTypes: readonly string[]; // the type of most weights first
  readonly bytes: number;
  readonly hasChatTemplate: boolean;
  readonly linearLayers: readonly string[]; // names that `adapter.targets` may list
  readonly notes: readonly string[]; // what its files say that is not honoured and changes no number
}
export type WeightFormat = 'safetensors' | 'gguf';

/** A model of the library; one that was added before inspections had notes has none. */
export interface ModelView extends Omit<ModelInspection, 'notes'>, Partial<Pick<ModelInspection, 'notes'>> {
  readonly id: ModelId;
  readonly starter: boolean;
  readonly addedAt: number; // ms since 1970
}

export interface DatasetView {
  readonly id: DatasetId;
  readonly path: string;
  readonly name: string;
  readonly format: Exclude<DatasetFormat, 'auto'>;
  readonly columns: DatasetColumns | null;
  readonly inspection: DatasetInspection;
  /** The model whose tokenizer measured the lengths, or null: lengths in words. */
  readonly measuredWith: ModelId | null;
  readonly starter: boolean;
  readonly addedAt: number;
  readonly usedBy: number; // runs
}

export interface RunProgress {
  readonly phase: string | null;
  readonly done: number;
  readonly total: number;
  readonly step: number;
  readonly totalSteps: number;
  readonly pairsPerSecond: number | null;
  readonly remainingMs: number | null;
}

/** What the store knows of a run and everybody may see. */
export interface RunBasics {
  readonly id: RunId;
  readonly name: string;
  readonly status: RunStatus;
  readonly spec: RunSpec;
  readonly modelName: string;
  readonly datasetName: string;
  readonly methodId: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly engine: string | null;
  readonly progress: RunProgress;
  readonly error: AppError | null;
  /** Place in the order of creation, from 1: a run keeps its number, and its colour with it. */
  readonly ordinal: number;
}

export interface RunView extends RunBasics {
  /** What is known of length, the most telling first; empty before anything is measured. */
  readonly length: readonly Verdict[];
  /** The one line of them; null before there are any. */
  readonly lengthVerdict: string | null;
  readonly finalLoss: number | null;
}

/** What a spec would do on this machine, before anything runs. */
export interface RunForecast {
  readonly model: ModelInspection;
  readonly usablePairs: number;
  readonly evalPairs: number;
  readonly problems: number;
  readonly problemGroups: readonly ProblemGroup[];
  readonly cutPairs: number;
  readonly droppedPairs: number;
  readonly steps: number;
  readonly longestPairTokens: number;
  readonly tokensKeptShare: number | null; // SamPO: kept / all response tokens
  readonly memoryBytes: number; // estimated peak
  readonly memoryParts: MemoryParts; // what it is made of; adds up to memoryBytes
  readonly freeMemoryBytes: number;
  readonly trainableParameters: number;
  readonly probes: number;
  readonly medianAnswerTokens: number; // of the chosen answers, before cutting
  readonly pairTokens: { readonly most: number; readonly longest: number }; // before cutting; `most`: 99 of 100 pairs have no more
  readonly warnings: readonly RunWarning[];
}
/** The page knows the model. */
export type RunForecastView = Omit<RunForecast, 'model'>;

export interface CheckpointView {
  readonly step: number;
  readonly bytes: number;
  readonly createdAt: number;
}

export interface RunDetail {
  readonly run: RunView;
  readonly probes: readonly ProbeSample[];
  readonly checkpoints: readonly CheckpointView[];
  readonly exports: readonly ExportView[];
  readonly problems: readonly string[];
  readonly metricNames: readonly MetricName[];
  readonly lastSeq: number;
  readonly files: { readonly folder: string; readonly bytes: number };
  /** The spec as the command that runs it, where there is a command line, and the prompts of its probes in order. */
  readonly command: string | null;
  readonly probePrompts: readonly string[];
}

export const exportForms = ['merged', 'adapter'] as const;
export type ExportForm = (typeof exportForms)[number];
export const exportDtypes = ['f32', 'f16', 'bf16'] as const;
export type ExportDtype = (typeof exportDtypes)[number];

export interface ExportView {
  readonly id: ExportId;
  readonly runId: RunId;
  readonly form: ExportForm;
  readonly dtype: ExportDtype;
  readonly path: string;
  readonly bytes: number;
  readonly createdAt: number;
}

/** A downsampled series: a bucket keeps its minimum and maximum, so a spike never vanishes. */
export interface SeriesPoint {
  readonly step: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}
export type SeriesByName = Readonly<Partial<Record<MetricName, readonly SeriesPoint[]>>>;

export interface Verdict {
  readonly kind: string; // what tests and colours branch on
  readonly text: string;
  readonly basis: string; // what was measured, on how many
  readonly level: 'neutral' | 'good' | 'warning';
}

export interface ComparisonView {
  readonly runs: readonly RunView[];
  readonly differences: readonly { readonly path: string; readonly values: readonly string[] }[];
  readonly metrics: readonly {
    readonly name: MetricName;
    readonly last: readonly (number | null)[];
    readonly best: readonly (number | null)[];
  }[];
  /** What makes the runs hard to compare: other data, other models, other prompts. The gravest first. */
  readonly notes: readonly ComparisonNote[];
  readonly length: {
    readonly verdict: Verdict;
    readonly runs: readonly {
      readonly runId: RunId;
      readonly verdicts: readonly Verdict[]; // as in RunView.length
      readonly pairs: number; // what correlation and accuracies were measured on
      readonly split: Split;
      readonly probeTokensBefore: number | null; // mean
      readonly probeTokensAfter: number | null;
      readonly marginLengthCorrelation: number | null;
      readonly marginLengthInterval: Interval | null;
      readonly accuracyChosenLonger: number | null;
      readonly accuracyChosenShorter: number | null;
      readonly heldOutAccuracy: number | null;
    }[];
  };
  readonly probes: readonly (readonly ProbeSample[])[]; // by run
}

export interface ComparisonNote {
  readonly level: 'warning' | 'neutral';
  readonly text: string;
}

export interface DoctorReport {
  readonly runtime: string;
  readonly engine: Pick<EngineInfo, 'backend' | 'reason'>;
  readonly library: string;
  readonly devices: readonly string[];
  readonly cards: readonly GpuCard[];
  readonly sgemmGflops: Readonly<Record<string, number>>;
  readonly advice: readonly string[];
}

export interface AppInfo {
  readonly version: string;
  readonly electron: string;
  readonly runtimeSource: string;
  /** A package has no command line, so its pages show no commands. */
  readonly hasCommandLine: boolean;
  readonly engine: string; // 'TensorFlow 2.21.0 · CPU · 2 cores'
  readonly engineReason: string | null;
  readonly cards: readonly GpuCard[];
  readonly home: string;
  readonly diskFreeBytes: number;
  readonly folders: readonly { readonly name: string; readonly path: string; readonly bytes: number }[];
}

/** The app closes and a run is saved before: at which step it was, and of which step it has a checkpoint. */
export interface ClosingView {
  readonly runName: string;
  readonly step: number;
  readonly savedStep: number | null;
}

/** A run folder that the history does not know; `name` null: it does not say what was trained, so it cannot be listed again. */
export interface LostRunView {
  readonly id: RunId;
  readonly name: string | null;
  readonly folder: string;
  readonly step: number | null;
  readonly at: number | null; // ms since 1970
}

/** Which device the library may use: what it finds, the processor alone, or one NVIDIA card by its number. */
const deviceSchema = z.union([
  z.enum(['auto', 'cpu']),
  z.string().regex(/^gpu:\d{1,2}$/) as unknown as z.ZodType<`gpu:${number}`>,
]);
export type DeviceChoice = z.output<typeof deviceSchema>;

export const settingsChangeSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).exactOptional(),
  engine: z.enum(['auto', 'tensorflow', 'wasm']).exactOptional(),
  device: deviceSchema.exactOptional(),
  /** TF32 on cards that have it: products with 10 bits of mantissa, several times faster. */
  tf32: z.boolean().exactOptional(),
});
export type Settings = Readonly<Required<z.output<typeof settingsChangeSchema>>>;

/** An NVIDIA card, as its driver tells. */
export interface GpuCard {
  readonly index: number;
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly driver: string;
}

export interface PickedFile {
  readonly token: FileToken;
  readonly name: string;
  readonly displayPath: string;
  readonly bytes: number;
}

export interface RunUpdate {
  readonly runId: RunId;
  readonly seq: number;
  readonly points: readonly MetricPoint[];
  readonly pairs: readonly PairPoint[];
  readonly profile: PositionProfile | null;
}
