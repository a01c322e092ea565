import type { MetricName } from '../../../../src-main/shared/metrics/registry';
import '../../../../src-renderer/zod-without-eval';
import { CacheProvider } from '@emotion/react';
import { createRoot } from 'react-dom/client';
import { appError } from '../../../../src-main/shared/result';
import { App } from '../../../../src-renderer/app';
import { createStyleCache } from '../../../../src-renderer/theme/style-cache';
import { FakeFailure, fakeApi, makeWorld, stepValues, type FakeHandlers } from './fake-api';
import { appInfo, cards, fakeNow, manyRuns, pairPoints, probes, profile, run, sampleRuns } from './fake-data';

// Look at the renderer without Electron: ?theme=dark, ?state=empty|errors|many|cards|…, ?live=1.
const query = new URLSearchParams(location.search);
const state = query.get('state') ?? 'rich';
const realNow = Date.now();
Date.now = () => fakeNow + (performance.now() | 0) + 0 * realNow;

const many = (): ReturnType<typeof sampleRuns> =>
  Array.from({ length: 8 }, (_, i) =>
    run({
      id: `r_${i}`,
      name: i === 4 ? (sampleRuns()[2]?.name ?? '') : `run ${i + 1}`,
      method: i % 2 === 0 ? 'dpo' : 'sampo',
      total: 100 + 10 * i,
    }),
  );
const world = makeWorld(
  state === 'empty' ? [] : state === 'many' ? many() : state === 'thousands' ? manyRuns(10_000) : sampleRuns(),
);
world.settings = { ...world.settings, theme: query.get('theme') === 'dark' ? 'dark' : 'light' };

const refuse = (): never => {
  throw new FakeFailure(
    appError(
      'database',
      'The database /home/ada/.local/share/SamPO Studio/sampo.db is locked by another program.',
      'Close the other window of SamPO Studio, then try again.',
      { systemCode: 'SQLITE_BUSY' },
    ),
  );
};
const overrides: Partial<FakeHandlers> =
  state === 'errors'
    ? {
        'runs:list': refuse,
        'datasets:list': refuse,
        'models:list': refuse,
        'runs:get': refuse,
        'runs:compare': refuse,
        'app:info': refuse,
        'runs:forecast': refuse,
      }
    : state === 'empty'
      ? { 'datasets:list': () => [], 'models:list': () => [], 'runs:sample': refuse }
      : state === 'loading'
        ? {
            'runs:list': () => new Promise(() => undefined),
            'runs:get': () => new Promise(() => undefined),
            'runs:compare': () => new Promise(() => undefined),
            'datasets:list': () => new Promise(() => undefined),
            'models:list': () => new Promise(() => undefined),
          }
        : state === 'bad-model'
          ? {
              'models:add': () => {
                throw new FakeFailure(
                  appError(
                    'bad-model',
                    'model-00002-of-00003.safetensors is missing in /home/ada/models/SmolLM2.',
                    'The index names three shards; copy the second one into the folder and add the model again.',
                  ),
                );
              },
            }
          : state === 'cards'
            ? { 'app:info': () => ({ ...appInfo, cards }) }
            : {};
const api = fakeApi(overrides, world);

if (query.get('live') === '1') {
  const live = world.runs.get('r_live');
  const pairs = pairPoints('sampo', 150, 8, 52);
  let step = live?.progress.step ?? 0;
  setInterval(() => {
    const now = world.runs.get('r_live');
    if (now === undefined || now.status !== 'running' || step >= 150) return;
    step++;
    const changed = { ...now, progress: { ...now.progress, step, remainingMs: (150 - step) * 560 } };
    world.runs.set('r_live', changed);
    api.emit('runs:metrics', {
      runId: now.id,
      seq: step,
      points: Object.entries(stepValues('sampo', step, pairs, 6)).map(([name, value]) => ({
        step,
        name: name as MetricName,
        value,
      })),
      pairs: pairs.filter((p) => p.step === step),
      profile: step % 10 === 0 ? profile(step, step) : null,
    });
    api.emit('runs:changed', { run: changed });
    if (step % 20 === 0)
      for (const sample of probes('sampo', step, 20).filter((s) => s.step === step))
        api.emit('runs:probe', { runId: now.id, sample });
  }, 250);
}

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <CacheProvider value={createStyleCache()}>
      <App api={api} />
    </CacheProvider>,
  );
