import type { DatasetColumns, DatasetFormat, RunSpec } from './run-spec';
import type { DatasetId, ExportId, FileToken, ModelId, RunId } from './ids';
import type { DatasetInspection } from './dataset';
import type { MetricPoint, PairPoint, PositionProfile, ProbeSample } from './metrics';
import type { AppError } from './result';
import type { RunStatus } from './run-status';

/** What main shows the renderer: rows of the store joined for a page. Paths here are for display only. */
export interface ModelView {
  readonly id: ModelId;
  readonly path: string;
  readonly name: string;
  readonly family: 'llama' | 'gpt_neox';
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly source: 'safetensors' | 'gguf';
  readonly weightTypes: readonly string[]; // the type of most weights first
  readonly bytes: number;
  readonly hasChatTemplate: boolean;
  readonly linearLayers: readonly string[];
  readonly notes?: readonly string[]; // models added before there were any have none
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

export interface RunView {
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
  /** What is known of length, the most telling first; empty before anything is measured. */
  readonly length: readonly Verdict[];
  /** The one line of them; null before there are any. */
  readonly lengthVerdict: string | null;
  /** Runs are counted as they are made; a run keeps its number, and its colour with it. */
  readonly ordinal: number;
  readonly finalLoss: number | null;
}

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
  readonly metricNames: readonly string[];
  readonly lastSeq: number;
  readonly files: { readonly folder: string; readonly bytes: number };
  /** The spec as the command that runs it, where there is a command line, and the prompts of its probes in order. */
  readonly command: string | null;
  readonly probePrompts: readonly string[];
}

export interface ExportView {
  readonly id: ExportId;
  readonly runId: RunId;
  readonly form: 'merged' | 'adapter';
  readonly dtype: 'f32' | 'f16' | 'bf16';
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
export type SeriesByName = Readonly<Record<string, readonly SeriesPoint[]>>;

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
    readonly name: string;
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
      readonly split: 'train' | 'eval';
      readonly probeTokensBefore: number | null; // mean
      readonly probeTokensAfter: number | null;
      readonly marginLengthCorrelation: number | null;
      readonly marginLengthInterval: readonly [number, number] | null;
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
  readonly engine: { readonly backend: string; readonly reason: string | null };
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

export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly engine: 'auto' | 'tensorflow' | 'wasm';
  /** Which device the library may use: what it finds, the processor alone, or one NVIDIA card by its number. */
  readonly device: DeviceChoice;
  /** TF32 on cards that have it: products with 10 bits of mantissa, several times faster. */
  readonly tf32: boolean;
}

export type DeviceChoice = 'auto' | 'cpu' | `gpu:${number}`;

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
