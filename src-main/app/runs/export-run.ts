import { existsSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ExportOutcome } from '../../engine/protocol';
import type { ExportId } from '../../shared/ids';
import { fileNameProblem, filePathProblem } from '../../shared/file-names';
import { checkpointLoraSchema, checkpointStateFile, type LoraInUse } from '../../shared/runs/lora-in-use';
import { renderModelCard } from '../../shared/runs/model-card';
import { throwFailure } from '../../shared/result';
import type { ExportDtype, ExportForm } from '../../shared/views/export';
import type { RunRecord } from '../../store/runs';
import { makeFolder } from '../folders';
import { noteExport, sweepPartialExports } from './partial-exports';
import { compareRuns } from './run-views';
import type { Services } from '../services';

/** Of what an export writes: model-00001-of-00001.safetensors and the like. */
const longestFileName = 40;

/** The model card of a run, from its history. */
export function modelCardOf({ store }: Services, run: RunRecord, form: ExportForm): string {
  const comparison = compareRuns(store, [run]);
  const numbers = comparison.length.runs[0]!;
  return renderModelCard({
    name: run.name,
    spec: run.spec,
    form,
    lora: loraOf(run),
    baseModel: run.modelName,
    dataset: run.datasetName,
    steps: run.progress.step,
    finalLoss: comparison.runs[0]!.finalLoss,
    engine: run.engine,
    length: numbers,
    verdict: comparison.length.verdict,
  });
}

/** The adapter that the run's checkpoint holds; null where there is none, or no checkpoint that can be read. */
function loraOf({ checkpointPath }: RunRecord): LoraInUse | null {
  if (checkpointPath === null) return null;
  try {
    const text = readFileSync(path.join(checkpointPath, checkpointStateFile), 'utf8');
    return checkpointLoraSchema.parse(JSON.parse(text));
  } catch {
    return null; // an export of it is refused with the reason
  }
}

/** Writes the run's model into `outDir` and notes the export. */
export async function exportRun(
  services: Services,
  run: RunRecord,
  form: ExportForm,
  dtype: ExportDtype,
  outDir: string,
  onProgress: (done: number, total: number) => void,
): Promise<ExportOutcome> {
  const { checkpointPath } = run;
  if (checkpointPath === null || !existsSync(checkpointPath))
    return throwFailure(
      'bad-input',
      `Run ${run.name} has no checkpoint to export.`,
      'A run can be exported once it is finished, stopped or paused.',
    );
  if (form === 'adapter' && run.spec.adapter.kind !== 'lora')
    return throwFailure(
      'bad-input',
      `Run ${run.name} trained all weights, so it has no adapter.`,
      'Export it as merged.',
    );
  const parent = path.dirname(outDir);
  const problem = fileNameProblem(path.basename(outDir)) ?? filePathProblem(outDir, process.platform, longestFileName);
  if (problem !== null)
    return throwFailure('bad-input', problem, 'Choose another name for the folder.', { folder: outDir });
  makeFolder(parent);
  sweepPartialExports(parent);
  const forget = noteExport(services.folders.caches, parent);
  const outcome = await services
    .runJob(
      'export',
      { spec: run.spec, checkpointPath, form, dtype, outDir, modelCard: modelCardOf(services, run, form) },
      (event) => {
        if (event.kind === 'progress') onProgress(event.done, event.total);
      },
    )
    .finally(forget);
  const bytes = outcome.files.reduce((total, file) => total + file.bytes, 0);
  services.store.exports.insert({
    id: `e_${randomBytes(5).toString('hex')}` as ExportId,
    runId: run.id,
    form,
    dtype,
    path: outcome.path,
    bytes,
    createdAt: Date.now(),
  });
  return outcome;
}
