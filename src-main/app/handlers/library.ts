import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { DataSource, EngineJobs } from '../../engine/protocol';
import type { ModelInspection } from '../../shared/views/library';
import type { DatasetInspection } from '../../shared/data/dataset';
import type { Handlers } from '../../shared/ipc/contract';
import type { DatasetId, ModelId } from '../../shared/ids';
import { throwFailure } from '../../shared/result';
import type { DatasetView, ModelView } from '../../shared/views/library';
import { requireFound, starterFolder, starterNames, type Services } from '../services';
import { fileState } from '../file-state';
import type { HandlerContext } from './context';

type LibraryHandlers = Pick<
  Handlers,
  | 'models:list'
  | 'models:add'
  | 'models:remove'
  | 'datasets:list'
  | 'datasets:columns'
  | 'datasets:inspect'
  | 'datasets:add'
  | 'datasets:measure'
  | 'datasets:remove'
  | 'datasets:rows'
  | 'datasets:preview'
>;

const newId = (prefix: string): string => `${prefix}_${randomBytes(5).toString('hex')}`;

export function libraryHandlers({ services, tokens, emit }: HandlerContext): LibraryHandlers {
  const { store } = services;
  const model = (id: ModelId): ModelView => requireFound(store.models.get(id), 'The model');
  const dataset = (id: DatasetId): DatasetView => requireFound(store.datasets.get(id), 'The dataset');
  const modelPath = (id: ModelId | null): string | null => (id === null ? null : model(id).path);
  const inspect: Inspect = (input) => services.runJob('inspect-dataset', input);
  const inspected = new LastInspection(inspect);
  const input = (source: DataSource, modelId: ModelId | null): InspectInput => ({
    ...source,
    modelPath: modelPath(modelId),
    maxLength: null,
  });
  const sourceOf = ({ path: file, format, columns }: DatasetView): DataSource => ({ path: file, format, columns });
  return {
    'models:list': () => Promise.resolve(store.models.list()),
    'models:add': async ({ token }) => {
      const added = await addModel(services, tokens.path(token), false);
      emit('models:changed', { reason: 'added' });
      return added;
    },
    'models:remove': ({ id }) => {
      store.models.remove(model(id).id);
      emit('models:changed', { reason: 'removed' });
      return Promise.resolve(null);
    },
    'datasets:list': () => Promise.resolve(store.datasets.list()),
    'datasets:columns': ({ token }) => services.runJob('dataset-columns', { path: tokens.path(token) }),
    'datasets:inspect': ({ token, format, columns, modelId }) =>
      inspected.make(input({ path: tokens.path(token), format, columns }, modelId)),
    'datasets:add': async ({ token, format, columns, name, modelId }) => {
      const file = tokens.path(token);
      const inspection = await inspected.again(input({ path: file, format, columns }, modelId));
      if (inspection.usable === 0)
        throwFailure(
          'bad-data',
          `${path.basename(file)} has no usable pair: ${inspection.problems[0]?.message ?? 'it is empty'}`,
          'Mend the rows or choose another format.',
          { problems: inspection.problems.slice(0, 20), problemGroups: inspection.problemGroups },
        );
      const id = newId('d') as DatasetId;
      store.datasets.insert({
        id,
        path: file,
        name,
        format: inspection.format,
        columns,
        inspection,
        measuredWith: modelId,
        starter: false,
        addedAt: Date.now(),
      });
      emit('datasets:changed', { reason: 'added' });
      return dataset(id);
    },
    'datasets:measure': async ({ id, modelId }) => {
      store.datasets.setInspection(id, await inspect(input(sourceOf(dataset(id)), modelId)), modelId);
      emit('datasets:changed', { reason: 'measured' });
      return dataset(id);
    },
    'datasets:remove': ({ id }) => {
      store.datasets.remove(dataset(id).id);
      emit('datasets:changed', { reason: 'removed' });
      return Promise.resolve(null);
    },
    'datasets:rows': ({ id, ...page }) => services.runJob('dataset-rows', { ...sourceOf(dataset(id)), ...page }),
    'datasets:preview': ({ id, modelId, maxLength, rows, sampling }) =>
      services.runJob('preview-pairs', {
        ...sourceOf(dataset(id)),
        modelPath: model(modelId).path,
        maxLength,
        rows,
        sampling,
        seed: 42,
      }),
  };
}

type InspectInput = EngineJobs['inspect-dataset']['in'];
type Inspect = (input: InspectInput) => Promise<DatasetInspection>;

/**
 * What the import dialog showed is what is added: a million pairs are not read twice, unless the file or the model has
 * changed.
 */
class LastInspection {
  private last: { readonly keys: readonly (string | null)[]; readonly inspection: DatasetInspection } | null = null;
  constructor(private readonly inspect: Inspect) {}

  async make(input: InspectInput): Promise<DatasetInspection> {
    const files = filesOf(input); // as they are before they are read
    const inspection = await this.inspect(input);
    // read as `auto`, and asked for again by the name of what was found
    const named = { ...input, format: inspection.format };
    this.last = { keys: [keyOf(input, files), keyOf(named, files)], inspection };
    return inspection;
  }

  again(input: InspectInput): Promise<DatasetInspection> {
    const key = keyOf(input, filesOf(input));
    return key !== null && this.last?.keys.includes(key) ? Promise.resolve(this.last.inspection) : this.make(input);
  }
}

const filesOf = ({ path: file, modelPath }: InspectInput): readonly (string | null)[] =>
  [file, modelPath].filter((one) => one !== null).map(fileState);

const keyOf = (input: InspectInput, files: readonly (string | null)[]): string | null =>
  files.includes(null) ? null : JSON.stringify([input, files]);

const factsOf = ({ path: _path, ...facts }: ModelInspection): Omit<ModelInspection, 'path'> => facts;

/**
 * The model that the app brings has a name of its own, since its folder's says nothing; somebody may add that folder
 * once more.
 */
export async function addModel({ store, runJob }: Services, file: string, isStarter: boolean): Promise<ModelView> {
  const facts = factsOf(await runJob('inspect-model', { path: file }));
  const known = store.models.list().find((model) => model.path === file);
  const name = isStarter || known?.starter ? starterNames.model : facts.name;
  return store.models.put(newId('m') as ModelId, file, { ...facts, name }, isStarter, Date.now());
}

/** Puts the bundled model and pairs into an empty library, so that the wizard has something to choose from. */
export async function addStarter(services: Services): Promise<boolean> {
  const { store, runJob } = services;
  if (store.models.list().some((m) => m.starter)) return false;
  const folder = starterFolder();
  const model = await addModel(services, path.join(folder, 'model'), true);
  const file = path.join(folder, 'pairs.jsonl');
  const inspection = await runJob('inspect-dataset', {
    path: file,
    format: 'auto',
    columns: null,
    modelPath: model.path,
    maxLength: null,
  });
  store.datasets.insert({
    id: newId('d') as DatasetId,
    path: file,
    name: starterNames.dataset,
    format: inspection.format,
    columns: null,
    inspection,
    measuredWith: model.id,
    starter: true,
    addedAt: Date.now(),
  });
  return true;
}
