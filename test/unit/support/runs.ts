import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunId } from '../../../src-main/shared/ids';
import { runSpecSchema, type RunSpec } from '../../../src-main/shared/spec/run-spec';
import { noProgress, type RunRecord } from '../../../src-main/store/runs';

export const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), 'sampo-test-'));

export const anySpec = (overrides: Record<string, unknown> = {}): RunSpec =>
  runSpecSchema.parse({ model: { path: '/models/tiny' }, dataset: { path: '/data/pairs.jsonl' }, ...overrides });

let count = 0;
export const anyRun = (overrides: Partial<RunRecord> = {}): RunRecord => ({
  id: `r_${(count++).toString(16).padStart(4, '0')}` as RunId,
  name: 'a run',
  status: 'finished',
  spec: anySpec(),
  modelName: 'tiny',
  datasetName: 'pairs',
  methodId: 'sampo',
  createdAt: count,
  startedAt: null,
  endedAt: null,
  engine: null,
  progress: noProgress,
  error: null,
  owner: null,
  problems: [],
  checkpointPath: null,
  queuedAt: null,
  reported: 0,
  summary: null,
  ordinal: 0,
  datasetHash: null,
  modelHash: null,
  ...overrides,
});
