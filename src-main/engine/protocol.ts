import type { DatasetInspection, DatasetRows, FileColumns, PairPreview } from '../shared/data/dataset';
import type { Backend, BestCheckpoint, EngineInfo } from '../shared/ipc/engine-events';
import type { JobName } from '../shared/ipc/jobs';
import type { MeasuredSpeed } from '../shared/runs/run-time';
import type { FinishReason } from '../shared/metrics/reports';
import type { DeviceChoice } from '../shared/views/app';
import type { ExportDtype, ExportForm } from '../shared/views/export';
import type { ModelInspection } from '../shared/views/library';
import type { RunForecast } from '../shared/views/run';
import type { DatasetColumns, DatasetFormat, RunSpec } from '../shared/spec/run-spec';

/**
 * What main (or the command line) and an engine process say to each other: one process does one job, then exits.
 * Messages carry ids, paths and small rows, never tensors.
 */

export type EngineChoice = 'auto' | Backend;

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
    out: DatasetRows;
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
export type EngineCommand =
  | {
      [J in JobName]: { readonly kind: 'start'; readonly job: J; readonly input: EngineJobs[J]['in'] } & EngineSettings;
    }[JobName]
  | { readonly kind: 'pause' } // train: save a checkpoint, then end with outcome 'paused'
  | { readonly kind: 'stop' }; // train: save a checkpoint, then end with outcome 'stopped'; other jobs: end as soon as possible

export interface TrainOutcome {
  readonly outcome: 'finished' | 'paused' | 'stopped';
  readonly steps: number;
  readonly checkpointPath: string;
  /** The checkpoint with the lowest loss on held-out pairs; null where none are held out or none is kept. */
  readonly best: (BestCheckpoint & { readonly path: string }) | null;
}

export interface LogprobsOutcome {
  readonly scored: number;
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
  readonly finish: FinishReason;
}

export interface ExportInput {
  readonly spec: RunSpec;
  readonly checkpointPath: string;
  readonly form: ExportForm;
  readonly dtype: ExportDtype;
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
