import type { DatasetInspection, FileColumns, PairPreview, ProblemGroup } from '../shared/dataset';
import type { MetricValues, PairPoint, PositionProfile, ProbeSample } from '../shared/metrics';
import type { MemoryParts } from '../shared/memory-parts';
import type { MeasuredSpeed } from '../shared/run-time';
import type { RunWarning } from '../shared/run-warnings';
import type { DeviceChoice } from '../shared/views';
import type { AppError } from '../shared/result';
import type { DatasetColumns, DatasetFormat, RunSpec } from '../shared/run-spec';

/**
 * What main (or the command line) and an engine process say to each other: one process does one job, then exits.
 * Messages carry ids, paths and small rows, never tensors.
 */
export type EngineChoice = 'auto' | 'tensorflow' | 'wasm' | 'cpu';

/** What a job computes with; the device is chosen before the library is loaded. */
export interface EngineSettings {
  readonly engine: EngineChoice;
  readonly device: DeviceChoice;
  readonly tf32: boolean;
  /** What is free on the card that will be used; null: no card is. */
  readonly gpuFreeBytes: number | null;
}

/** A preference file and how it is to be read. */
export interface DataSource {
  readonly path: string;
  readonly format: DatasetFormat;
  readonly columns: DatasetColumns | null;
}

export interface EngineJobs {
  /** `reported`: the number of the run's last report that its parent has stored. */
  train: {
    in: {
      readonly spec: RunSpec;
      readonly runDir: string;
      readonly cacheDir: string;
      readonly resume: boolean;
      readonly reported?: number;
    };
    out: TrainOutcome;
  };
  'inspect-model': { in: { readonly path: string }; out: ModelInspection };
  /** Length profile in tokens when `modelPath` is given, in words otherwise. */
  'inspect-dataset': {
    in: DataSource & { readonly modelPath: string | null; readonly maxLength: number | null };
    out: DatasetInspection;
  };
  /** The columns of the first rows, for choosing what is what. */
  'dataset-columns': { in: { readonly path: string }; out: FileColumns };
  'preview-pairs': {
    in: DataSource & {
      readonly modelPath: string;
      readonly maxLength: number;
      readonly rows: readonly number[];
      readonly sampling: string;
      readonly seed: number;
    };
    out: readonly PairPreview[];
  };
  'dataset-rows': {
    in: DataSource & { readonly offset: number; readonly limit: number; readonly search: string };
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
  /** What a spec would do on this machine, before anything runs. */
  preflight: { in: { readonly spec: RunSpec }; out: RunForecast };
  /** How fast a few of its calls are; `steps`: how many the run has. */
  measure: { in: { readonly spec: RunSpec; readonly steps: number }; out: MeasuredSpeed };
  /** The pairs come as events, some at a time and in row order: a million of them are no one message. */
  logprobs: {
    in: {
      readonly modelPath: string;
      readonly adapterPath: string | null;
      readonly data: DataSource;
      readonly maxLength: number;
    };
    out: LogprobsOutcome;
  };
  generate: { in: GenerateInput; out: GenerateOutcome };
  export: { in: ExportInput; out: ExportOutcome };
  doctor: { in: Record<string, never>; out: EngineDoctor };
}
export type JobName = keyof EngineJobs;

export type EngineCommand =
  | {
      [J in JobName]: { readonly kind: 'start'; readonly job: J; readonly input: EngineJobs[J]['in'] } & EngineSettings;
    }[JobName]
  | { readonly kind: 'pause' } // train: save a checkpoint, then end with outcome 'paused'
  | { readonly kind: 'stop' }; // train: save a checkpoint, then end with outcome 'stopped'; other jobs: end as soon as possible

export type TrainPhase = 'tokenize' | 'reference' | 'build';

/** What belongs to a run's history has its number in the run's journal. */
interface Numbered {
  readonly seq?: number;
}

export type EngineEvent =
  | { readonly kind: 'ready' } // the process listens
  | ({ readonly kind: 'engine'; readonly engine: EngineInfo } & Numbered) // which library is in use, once known
  | { readonly kind: 'phase'; readonly phase: TrainPhase; readonly done: number; readonly total: number }
  | { readonly kind: 'planned'; readonly neededBytes: number; readonly freeBytes: number; readonly advice: string } // what a run is expected to hold at its peak, and what would lower it
  | ({ readonly kind: 'content'; readonly datasetHash: string; readonly modelHash: string } & Numbered) // what a run is trained from, by the files' bytes: names and places may lie
  | ({ readonly kind: 'running'; readonly firstStep: number; readonly totalSteps: number } & Numbered)
  | ({
      readonly kind: 'metrics';
      readonly step: number;
      readonly epoch: number;
      readonly values: MetricValues;
      readonly pairs: readonly PairPoint[];
      readonly profile: PositionProfile | null;
    } & Numbered)
  | ({ readonly kind: 'probe'; readonly sample: ProbeSample } & Numbered)
  | ({
      readonly kind: 'checkpoint';
      readonly step: number;
      readonly path: string;
      readonly bytes: number;
      readonly best: BestCheckpoint | null;
    } & Numbered)
  | ({ readonly kind: 'problem'; readonly message: string } & Numbered) // something a person should know that does not end the job
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly what: string } // jobs other than train
  | { readonly kind: 'logprobs'; readonly pairs: readonly PairLogprobs[] } // the next ones
  | ({ readonly kind: 'done'; readonly job: JobName; readonly value: unknown } & Numbered) // the job's `out`
  | { readonly kind: 'failed'; readonly error: AppError };

export interface EngineInfo {
  readonly backend: 'tensorflow' | 'wasm' | 'cpu';
  readonly library: string; // 'TensorFlow 2.21.0', 'tfjs 4.22.0 (wasm)'
  readonly devices: readonly string[];
  readonly reason: string | null; // why a slower engine than TensorFlow is in use
}

export interface TrainOutcome {
  readonly outcome: 'finished' | 'paused' | 'stopped';
  readonly steps: number;
  readonly checkpointPath: string;
  /** The checkpoint with the lowest loss on held-out pairs; null where none are held out or none is kept. */
  readonly best: (BestCheckpoint & { readonly path: string }) | null;
}

export interface BestCheckpoint {
  readonly step: number;
  readonly loss: number; // eval_loss there
}

export interface ModelInspection {
  readonly path: string;
  readonly family: 'llama' | 'gpt_neox';
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly source: 'safetensors' | 'gguf';
  readonly weightTypes: readonly string[]; // the type of most weights first
  readonly bytes: number;
  readonly hasChatTemplate: boolean;
  readonly linearLayers: readonly string[]; // names that `adapter.targets` may list
  readonly notes: readonly string[]; // what its files say that is not honoured and changes no number
}

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

export interface LogprobsOutcome {
  readonly scored: number;
}

export interface PairLogprobs {
  readonly row: number;
  readonly promptIds: readonly number[];
  readonly chosenIds: readonly number[];
  readonly rejectedIds: readonly number[];
  readonly chosenLogprobs: readonly number[];
  readonly rejectedLogprobs: readonly number[];
}

export interface GenerateInput {
  readonly modelPath: string;
  readonly adapterPath: string | null;
  readonly prompt:
    | { readonly kind: 'text'; readonly text: string }
    | {
        readonly kind: 'messages';
        readonly messages: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
      };
  readonly maxNewTokens: number;
  readonly temperature: number; // 0: greedy
  readonly seed: number;
}
export interface GenerateOutcome {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly promptTokens: number;
  readonly finish: 'eos' | 'length' | 'stop';
}

export interface ExportInput {
  readonly spec: RunSpec;
  readonly checkpointPath: string;
  readonly form: 'merged' | 'adapter';
  readonly dtype: 'f32' | 'f16' | 'bf16';
  readonly outDir: string;
  /** Markdown of the model card, made by the caller from the run's history. */
  readonly modelCard: string;
}
export interface ExportOutcome {
  readonly path: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export interface EngineDoctor {
  readonly engine: EngineInfo;
  readonly sgemmGflops: Readonly<Record<string, number>>; // by matrix side
}
