import { inCheckout } from '../../shared/build-kind';
import { statfsSync } from 'node:fs';
import path from 'node:path';
import type { Handlers } from '../../shared/ipc/contract';
import type { RunForecastView } from '../../shared/views/run';
import type { EngineSettings } from '../../engine/protocol';
import { AppFailure, throwFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/spec/run-spec';
import { fileNameProblem } from '../../shared/file-names';
import { checkRunSpec } from '../../shared/spec/run-spec-check';
import type { MeasuredSpeed } from '../../shared/runs/run-time';
import { exportRun, modelCardOf } from '../runs/export-run';
import { lostRuns, recoverRuns } from '../runs/lost-runs';
import { compareRuns, runDetail, runView } from '../runs/run-views';
import { startSample } from '../runs/sample';
import { specPath, specText, trainCommand, writeSpec } from '../runs/spec-files';
import { fileState } from '../file-state';
import { requireFound, type Services } from '../services';
import type { HandlerContext } from './context';

type RunHandlers = Pick<
  Handlers,
  | 'runs:list'
  | 'runs:lost'
  | 'runs:recover'
  | 'runs:get'
  | 'runs:forecast'
  | 'runs:measure'
  | 'runs:start'
  | 'runs:resume'
  | 'runs:pause'
  | 'runs:stop'
  | 'runs:rename'
  | 'runs:delete'
  | 'runs:series'
  | 'runs:pairs'
  | 'runs:profile'
  | 'runs:compare'
  | 'runs:spec-json'
  | 'runs:save-spec'
  | 'runs:sample'
  | 'exports:start'
  | 'exports:preview'
>;

/** The renderer writes `model:<id>` and `dataset:<id>`; only main knows the paths behind them. */
export function resolveSpec(
  { store }: Services,
  spec: RunSpec,
): { readonly spec: RunSpec; readonly names: { readonly model: string; readonly dataset: string } } {
  const modelAt = (reference: string) =>
    reference.startsWith('model:')
      ? requireFound(store.models.get(reference.slice(6)), 'The model')
      : throwFailure('bad-input', 'The model was not chosen from the list.', 'Choose it again.');
  const model = modelAt(spec.model.path);
  const dataset = spec.dataset.path.startsWith('dataset:')
    ? requireFound(store.datasets.get(spec.dataset.path.slice(8)), 'The dataset')
    : throwFailure('bad-input', 'The dataset was not chosen from the list.', 'Choose it again.');
  const reference = spec.model.reference === null ? null : modelAt(spec.model.reference).path;
  if (spec.adapter.kind === 'lora' && spec.adapter.from !== null)
    throwFailure(
      'bad-input',
      'An adapter to go on with can only be given on the command line.',
      inCheckout('Save the spec, then give its file to npx sampo train --spec FILE.', 'Leave adapter.from out.'),
    );
  return {
    spec: {
      ...spec,
      model: { path: model.path, reference },
      dataset: { ...spec.dataset, path: dataset.path, format: dataset.format, columns: dataset.columns },
    },
    names: { model: model.name, dataset: dataset.name },
  };
}

/** What the schema cannot see: fields that are right alone and wrong together, as the command line checks them. */
function checked<T extends { readonly spec: RunSpec }>(resolved: T): T {
  const result = checkRunSpec(resolved.spec);
  if (!result.ok) throw new AppFailure(result.error);
  return resolved;
}

const mostMeasured = 100;

/** All of a spec that changes how fast it runs, and what computes it; rates, seeds and how often it reports do not. */
function measuredKey(
  { model, dataset, method, objective, adapter, training, probes }: RunSpec,
  engine: EngineSettings,
): string {
  const { pairsPerStep, microBatchPairs, maxLength, truncation, precision } = training;
  const { id, sampling, variant, wpo, referenceFree, referenceSync, mix } = method;
  const { maxNewTokens, prompts } = probes;
  const { gpuFreeBytes: _free, ...device } = engine;
  const loss = { id, sampling, variant, wpo, referenceFree, referenceSync, mix };
  return JSON.stringify([
    model,
    dataset,
    objective,
    loss,
    adapter,
    { pairsPerStep, microBatchPairs, maxLength, truncation, precision },
    maxNewTokens,
    prompts,
    device,
  ]);
}

/** A large file is not read again for a form that is as it was; so long memory counts as free as it was found. */
const forecastMs = 5 * 60_000;

/** All of a spec but its name, with the files as they are now: whoever changes one gets another forecast. */
function forecastKey({ name: _name, ...spec }: RunSpec, engine: EngineSettings): string {
  const paths = [spec.model.path, spec.model.reference, spec.dataset.path].filter((file) => file !== null);
  const { gpuFreeBytes: _free, ...device } = engine;
  return JSON.stringify([spec, paths.map(fileState), device]);
}

const nothing = (): Promise<null> => Promise.resolve(null);

export function runHandlers({ services, tokens, emit }: HandlerContext): RunHandlers {
  const { store, runs, folders } = services;
  const measured = new Map<string, Promise<MeasuredSpeed>>();
  const forecasts = new Map<string, { readonly at: number; readonly forecast: RunForecastView }>();
  return {
    'runs:list': ({ search }) => Promise.resolve(store.runs.list(search).map((run) => runView(store, run))),
    'runs:lost': () =>
      Promise.resolve(
        lostRuns(services).map(({ id, folder, known, checkpoint }) => ({
          id,
          folder,
          name: known?.name ?? null,
          step: checkpoint?.step ?? null,
          at: known?.createdAt ?? checkpoint?.savedAt ?? null,
        })),
      ),
    'runs:recover': () => {
      const { added, left } = recoverRuns(services);
      for (const run of added) emit('runs:changed', { run: runView(store, run) });
      return Promise.resolve({ added: added.length, left: left.length });
    },
    'runs:get': ({ id }) => Promise.resolve(runDetail(store, folders, runs.runDir(id), runs.get(id))),
    'runs:forecast': async (spec) => {
      const resolved = resolveSpec(services, spec).spec;
      const key = forecastKey(resolved, services.engineSettings());
      const known = forecasts.get(key);
      if (known !== undefined && Date.now() - known.at < forecastMs) return known.forecast;
      services.jobs.cancel('preflight'); // of the form as it was before
      const { model: _model, ...forecast } = await services.runJob('preflight', { spec: resolved });
      if (forecasts.size >= mostMeasured) forecasts.delete(forecasts.keys().next().value!);
      forecasts.set(key, { at: Date.now(), forecast });
      return forecast;
    },
    'runs:measure': ({ spec, steps }) => {
      const resolved = resolveSpec(services, spec).spec;
      const key = measuredKey(resolved, services.engineSettings());
      const measuring = measured.get(key) ?? services.runJob('measure', { spec: resolved, steps });
      if (measured.size >= mostMeasured) measured.delete(measured.keys().next().value!);
      measured.set(key, measuring);
      measuring.catch(() => measured.delete(key)); // cancelled or failed: the next question asks again
      return measuring;
    },
    'runs:start': ({ specs }) => {
      services.jobs.cancel('measure'); // it would slow what it was to foretell
      const resolved = specs.map((spec) => checked(resolveSpec(services, spec))); // all of them before any is kept
      const ids = resolved.map(({ spec, names }) => runs.create(spec, names));
      for (const id of ids) runs.start(id);
      return Promise.resolve(ids);
    },
    'runs:resume': ({ id }) => (runs.resume(id), nothing()),
    'runs:pause': ({ id }) => (runs.pause(id), nothing()),
    'runs:stop': ({ id }) => (runs.stop(id), nothing()),
    'runs:rename': ({ id, name }) => (runs.rename(id, name), nothing()),
    'runs:delete': async ({ id }) => {
      await runs.delete(id);
      return null;
    },
    'runs:series': ({ id, names, fromStep, toStep, maxPoints }) =>
      Promise.resolve(store.runData.series(id, names, fromStep, toStep, maxPoints)),
    'runs:pairs': ({ id, sinceStep, limit }) => Promise.resolve(store.runData.pairs(id, sinceStep, limit)),
    'runs:profile': ({ id }) => Promise.resolve(store.runData.profile(id)),
    'runs:compare': ({ ids }) =>
      Promise.resolve(
        compareRuns(
          store,
          ids.map((id) => runs.get(id)),
        ),
      ),
    'runs:spec-json': (spec) => {
      const { spec: resolved, names } = resolveSpec(services, spec);
      const file = specPath(folders.home, resolved, names.dataset);
      return Promise.resolve({ json: specText(resolved), file, command: trainCommand(folders.home, file) });
    },
    'runs:save-spec': (spec) => {
      const { spec: resolved, names } = resolveSpec(services, spec);
      const file = specPath(folders.home, resolved, names.dataset);
      writeSpec(file, resolved);
      return Promise.resolve({ file });
    },
    'runs:sample': () => Promise.resolve(startSample(services)),
    'exports:preview': ({ runId, form, dtype }) => {
      const run = runs.get(runId);
      const checkpoint = store.runData.checkpoints(runId, () => true).at(-1);
      const width = dtype === 'f32' ? 4 : 2;
      const model = store.models.list().find((m) => m.path === run.spec.model.path);
      // a LoRA checkpoint holds adapters and two moments each: a third of it is the adapter
      const estimatedBytes =
        form === 'merged' ? (model?.parameters ?? 0) * width : ((checkpoint?.bytes ?? 0) / 3) * (width / 4);
      const { bavail, bsize } = statfsSync(folders.home);
      return Promise.resolve({
        modelCard: modelCardOf(services, run, form),
        estimatedBytes,
        diskFreeBytes: bavail * bsize,
      });
    },
    'exports:start': async ({ runId, form, dtype, folder, folderName }) => {
      const problem = fileNameProblem(folderName);
      if (problem !== null) throwFailure('bad-input', problem, 'Choose another name for the folder.', { folderName });
      await exportRun(
        services,
        runs.get(runId),
        form,
        dtype,
        path.join(tokens.path(folder), folderName),
        (done, total) => emit('exports:progress', { runId, done, total }),
      );
      return store.exports.ofRun(runId).at(-1)!;
    },
  };
}
