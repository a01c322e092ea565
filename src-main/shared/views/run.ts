import type { RunSpec } from '../spec/run-spec';
import type { RunId } from '../ids';
import type { ProblemGroup } from '../data/dataset';
import type { MemoryParts } from '../runs/memory-parts';
import type { MetricPoint, PairPoint, PositionProfile, ProbeSample } from '../metrics/reports';
import type { MetricName } from '../metrics/registry';
import type { AppError } from '../result';
import type { RunStatus } from '../runs/run-status';
import type { RunWarning } from '../spec/run-warnings';
import type { ModelInspection } from './library';
import type { ExportView } from './export';

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

/**
 * A run folder that the history does not know; `name` null: it does not say what was trained, so it cannot be listed
 * again.
 */
export interface LostRunView {
  readonly id: RunId;
  readonly name: string | null;
  readonly folder: string;
  readonly step: number | null;
  readonly at: number | null; // ms since 1970
}

export interface RunUpdate {
  readonly runId: RunId;
  readonly seq: number;
  readonly points: readonly MetricPoint[];
  readonly pairs: readonly PairPoint[];
  readonly profile: PositionProfile | null;
}
