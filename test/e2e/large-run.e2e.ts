import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSpecSchema } from '../../src-main/shared/spec/run-spec';
import type { DatasetView, ModelView } from '../../src-main/shared/views/library';
import type { RunView } from '../../src-main/shared/views/run';
import { AppUnderTest } from './support/app';
import { runsOf, seriesOf } from './support/wizard';

// A run in the window’s own utility process of more than a gigabyte, which Electron’s malloc cannot give in the pieces
// that TensorFlow’s own pool asks for: with that pool the process ends there.

describe('a run of two gigabytes', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await AppUnderTest.start();
  });
  afterAll(() => app?.close());

  it('finishes', { timeout: 180_000 }, async () => {
    const list = async <T>(channel: string): Promise<readonly T[]> =>
      (await app.ask<readonly T[] | undefined>(channel, undefined)) ?? [];
    // the starter content is added at the first start
    await expect.poll(async () => (await list<DatasetView>('datasets:list')).length).toBe(1);
    const [[model], [dataset]] = [await list<ModelView>('models:list'), await list<DatasetView>('datasets:list')];
    const spec = runSpecSchema.parse({
      model: { path: `model:${model!.id}` },
      dataset: { path: `dataset:${dataset!.id}` },
      method: { id: 'dpo' },
      adapter: { kind: 'none' },
      training: { maxSteps: 2, pairsPerStep: 320, microBatchPairs: 320, maxLength: 256 },
      probes: { everySteps: 1000 },
    });
    await app.ask<readonly RunView[]>('runs:start', { specs: [spec] });
    await expect
      .poll(async () => (await runsOf(app))[0]?.status, { timeout: 150_000, interval: 500 })
      .toMatch(/finished|interrupted|failed/);
    const run = (await runsOf(app))[0]!;
    expect(run.error).toBeNull();
    expect(run.status).toBe('finished');
    expect((await seriesOf(app, run.id, 'perf/rss_bytes')).at(-1)!.value).toBeGreaterThan(1.7e9); // else it was no test
  });
});
