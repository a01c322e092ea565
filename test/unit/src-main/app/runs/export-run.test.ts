import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exportRun, modelCardOf } from '../../../../../src-main/app/runs/export-run';
import type { ExportInput } from '../../../../../src-main/engine/protocol';
import { appError } from '../../../../../src-main/shared/result';
import { noProgress, type RunRecord } from '../../../../../src-main/store/runs';
import { closeContexts, testContext } from '../../../support/handlers';
import { anyRun, anySpec, temporaryFolder } from '../../../support/runs';

afterEach(() => {
  vi.restoreAllMocks();
  closeContexts();
});
const files = [
  { name: 'a', bytes: 3, sha256: '' },
  { name: 'b', bytes: 40, sha256: '' },
];

function open(
  change: Partial<RunRecord> = {},
  answer: (input: ExportInput) => unknown = ({ outDir }) => ({ path: outDir, files }),
) {
  const context = testContext({ export: answer as never });
  const { services } = context;
  const checkpointPath = temporaryFolder();
  const run = anyRun({ checkpointPath, name: 'mine', ...change });
  services.store.runs.insert(run);
  const start = (outDir: string, form: 'merged' | 'adapter' = 'merged', onProgress = (): void => undefined) =>
    exportRun(services, run, form, 'f16', outDir, onProgress);
  return { context, services, run, checkpointPath, start };
}
const notes = (caches: string): readonly string[] => {
  const folder = path.join(caches, 'exporting');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe('an export', () => {
  it('asks the engine for the run’s model, notes it in the history, and sweeps before', async () => {
    let during: readonly string[] = [];
    const { context, services, run, checkpointPath, start } = open({}, ({ outDir }) => {
      during = notes(services.folders.caches);
      return { path: outDir, files };
    });
    const parent = path.join(temporaryFolder(), 'new');
    const left = path.join(parent, `.sampo-export-${2 ** 22 + 1}-0123abcd`);
    mkdirSync(left, { recursive: true });
    const outDir = path.join(parent, 'model');
    const before = Date.now();
    expect(await start(outDir)).toEqual({ path: outDir, files });
    expect(context.heard).toMatchObject([
      {
        kind: 'start',
        job: 'export',
        input: {
          spec: run.spec,
          checkpointPath,
          form: 'merged',
          dtype: 'f16',
          outDir,
          modelCard: modelCardOf(services, run, 'merged'),
        },
      },
    ]);
    expect(existsSync(left)).toBe(false);
    expect([during.length, notes(services.folders.caches)]).toEqual([1, []]);
    const [noted] = services.store.exports.ofRun(run.id);
    expect(noted).toEqual({
      id: expect.stringMatching(/^e_[0-9a-f]{10}$/) as string,
      runId: run.id,
      form: 'merged',
      dtype: 'f16',
      path: outDir,
      bytes: 43,
      createdAt: expect.any(Number) as number,
    });
    expect(noted!.createdAt).toBeGreaterThanOrEqual(before);
  });

  it('that fails is in no history, and leaves no note', async () => {
    const { services, run, start } = open({}, () => ({ failed: appError('no-space', 'The disk is full.', 'h') }));
    await expect(start(path.join(temporaryFolder(), 'new', 'model'))).rejects.toThrow('The disk is full.');
    expect([services.store.exports.ofRun(run.id), notes(services.folders.caches)]).toEqual([[], []]);
  });

  it.each([
    ['a run without a checkpoint', { checkpointPath: null }, 'merged', 'out', 'Run mine has no checkpoint to export.'],
    [
      'one whose checkpoint is gone',
      { checkpointPath: '/gone' },
      'merged',
      'out',
      'Run mine has no checkpoint to export.',
    ],
    [
      'the adapter of a run that trained all weights',
      { spec: anySpec({ adapter: { kind: 'none' } }) },
      'adapter',
      'out',
      'Run mine trained all weights, so it has no adapter.',
    ],
    ['a name that Windows refuses', {}, 'merged', 'nul', '“nul” is the name of a device on Windows.'],
  ] as const)('is refused for %s', async (_what, change, form, name, message) => {
    const { context, start } = open(change);
    const folder = temporaryFolder();
    await expect(start(path.join(folder, name), form)).rejects.toMatchObject({ error: { code: 'bad-input', message } });
    expect([context.heard, readdirSync(folder)]).toEqual([[], []]);
  });

  it('goes on for all weights as merged, and for an adapter as such', async () => {
    for (const [kind, form] of [
      ['none', 'merged'],
      ['lora', 'adapter'],
    ] as const) {
      const { start } = open({ spec: anySpec({ adapter: { kind } }) });
      expect(await start(path.join(temporaryFolder(), 'out'), form)).toMatchObject({ files });
    }
  });

  it('is refused where a path with its files would be too long for Windows', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
    const { start } = open();
    const parent = temporaryFolder();
    const longest = 259 - 41 - parent.length - 1; // files have up to 40 characters, and a separator
    await expect(start(path.join(parent, 'x'.repeat(longest + 1)))).rejects.toMatchObject({
      error: { message: 'The path has 260 characters with what lies in it; Windows takes 259.', code: 'bad-input' },
    });
    expect(await start(path.join(parent, 'x'.repeat(longest)))).toMatchObject({ files });
  });
});

describe('a model card', () => {
  it('names what the run was, and its loss', () => {
    const { services, run } = open({
      modelName: 'Base',
      datasetName: 'Data',
      engine: 'TF · CPU',
      progress: { ...noProgress, step: 17 },
    });
    services.store.runData.addMetrics(run.id, 1, { loss: 0.4321 }, [], null);
    const card = modelCardOf(services, run, 'merged');
    for (const part of ['mine', 'Base', 'Data', 'TF · CPU', '17', '0.432']) expect(card).toContain(part);
  });

  it('says which adapter its checkpoint holds, and what the spec says where that cannot be read', () => {
    const { services, run, checkpointPath } = open({ spec: anySpec({ adapter: { kind: 'lora', rank: 8 } }) });
    const unread = modelCardOf(services, run, 'adapter');
    writeFileSync(path.join(checkpointPath, 'state.json'), '{"lora": 3');
    expect(modelCardOf(services, run, 'adapter')).toBe(unread);
    expect(modelCardOf(services, { ...run, checkpointPath: null }, 'adapter')).toBe(unread);
    expect(modelCardOf(services, run, 'merged')).not.toBe(unread);
    const state = { version: 1, lora: { rank: 3, alpha: 11, modules: ['a', 'b'] } };
    writeFileSync(path.join(checkpointPath, 'state.json'), JSON.stringify(state));
    expect(unread).toContain('rank 8, alpha');
    expect(modelCardOf(services, run, 'adapter')).toContain('rank 3, alpha 11, 2 layers');
  });
});
