import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diagnostics } from '../../../../src-main/app/diagnostics';
import { LogFile } from '../../../../src-main/app/log-file';
import { logTo } from '../../../../src-main/shared/log';
import { appError } from '../../../../src-main/shared/result';
import { noProgress } from '../../../../src-main/store/runs';
import { closeContexts, testContext } from '../../support/handlers';
import { anyRun, anySpec } from '../../support/runs';

afterEach(() => {
  closeContexts();
  logTo(null);
});
const answers = {
  doctor: () => ({
    engine: { backend: 'wasm', library: 'tfjs 4.22.0', devices: ['CPU', 'SIMD'], reason: 'no library' } as const,
    sgemmGflops: { '512': 12.6, '1024': 20.4 },
  }),
};
/** The lines under each title. */
const sectionsOf = (text: string): Readonly<Record<string, readonly string[]>> => {
  const [, ...sections] = text.trimEnd().split('\n\n');
  return Object.fromEntries(
    sections.map((section) => {
      const [title, rule, ...lines] = section.split('\n');
      expect(rule).toBe('-'.repeat(title!.length));
      return [title!.replace(/,.*/, ''), lines];
    }),
  );
};

describe('diagnostics', () => {
  it('say what runs here and how it is set', async () => {
    const { services } = testContext(answers);
    const text = await diagnostics(services, '1.2.3');
    const [title, time, promise, empty] = text.split('\n');
    expect([title, empty, text.endsWith('\n'), text.endsWith('\n\n')]).toEqual([
      'SamPO Studio diagnostics',
      '',
      true,
      false,
    ]);
    expect(Math.abs(Date.parse(time!) - Date.now())).toBeLessThan(60_000);
    expect(promise).toMatch(/no prompts, no answers, no rows of data.*Nothing was sent\.$/);
    const sections = sectionsOf(text);
    expect(Object.keys(sections)).toEqual(['Versions', 'Machine', 'Engine', 'Settings', 'State', 'Runs', 'Log']);
    const { node, v8, electron, chrome } = process.versions;
    expect(sections.Versions).toEqual([
      'SamPO Studio 1.2.3',
      `Node ${node}, V8 ${v8}`,
      ...(electron ? [`Electron ${electron}, Chromium ${chrome!}`] : []),
    ]);
    expect(sections.Machine).toEqual([
      expect.stringMatching(new RegExp(`^${process.platform} .* ${process.arch}$`)) as string,
      `${cpus().length} × ${cpus()[0]!.model.trim()}`,
      expect.stringMatching(/^memory \d+\.\d GB, \d+\.\d GB free$/) as string,
    ]);
    expect(sections.Engine!.slice(0, 4)).toEqual([
      'tfjs 4.22.0 (wasm), because no library',
      'devices CPU, SIMD',
      '512 × 512: 13 GFLOP/s',
      '1024 × 1024: 20 GFLOP/s',
    ]);
    expect(sections.Engine!.join('\n')).toContain('TensorFlow is not in use');
    expect(sections.Settings).toEqual(
      Object.entries(services.store.settings.get()).map(([name, value]) => `${name} ${String(value)}`),
    );
    expect(sections.Runs).toEqual(['none']);
  });

  it('count what is kept, and list runs without their names', async () => {
    const { services } = testContext(answers);
    const { store, folders } = services;
    writeFileSync(path.join(folders.caches, 'a'), 'x'.repeat(70));
    mkdirSync(path.join(folders.runs, 'r_aaaa', 'checkpoints', 'checkpoint-1'), { recursive: true });
    const runs = [
      anyRun({ name: 'secret name', progress: { ...noProgress, step: 3, totalSteps: 9 }, engine: 'TF · CPU' }),
      anyRun({
        status: 'failed',
        spec: anySpec({ adapter: { kind: 'none' } }),
        methodId: 'dpo',
        error: appError('bad-data', 'secret row', 'h'),
        problems: ['secret', 'problem'],
      }),
    ];
    for (const run of runs) store.runs.insert(run);
    const text = await diagnostics(services, '1.2.3');
    const sections = sectionsOf(text);
    expect(sections.State).toEqual([
      expect.stringMatching(/^home .+/) as string,
      `run history ${statSync(folders.database).size} bytes, schema ` +
        `${String(store.database.pragma('user_version', { simple: true }))}, 0 backups`,
      'runs 0 bytes',
      'caches 70 bytes',
      'exports 0 bytes',
      '0 models, 0 datasets, 2 runs, 1 run folders that the history does not know',
    ]);
    expect(sections.Runs).toEqual([
      `${runs[1]!.id}, dpo, none, failed, step 0 of 0, no engine yet, error bad-data, 2 notes`,
      `${runs[0]!.id}, sampo, lora, finished, step 3 of 9, TF · CPU`,
    ]);
    expect(text).not.toContain('secret');
  });

  it('have the newest fifty runs and the last four hundred lines of the log, without secrets', async () => {
    const { services } = testContext(answers);
    for (let n = 0; n < 52; n++) services.store.runs.insert(anyRun({ methodId: `m${n}` }));
    const { logs } = services.folders;
    rmSync(path.join(logs, 'sampo.log'));
    const file = new LogFile(logs);
    logTo(null); // what this test does itself is not logged
    for (let n = 1; n <= 401; n++) file.write('info', 'app', `line ${n} hf_abcdefghijk`);
    const { Runs: runs, Log: log } = sectionsOf(await diagnostics(services, '1'));
    expect(runs!.map((line) => line.split(', ')[1])).toEqual(Array.from({ length: 50 }, (_, n) => `m${51 - n}`));
    expect([log!.length, log![0]!.split('] ')[1], log!.at(-1)!.split('] ')[1]]).toEqual([
      400,
      'line 2 hf_…',
      'line 401 hf_…',
    ]);
  });

  it('say why where the engine cannot be asked', async () => {
    const { services } = testContext({ doctor: () => ({ failed: appError('engine-failed', 'It ended.', 'h') }) });
    expect(sectionsOf(await diagnostics(services, '1')).Engine).toEqual([
      'it could not be asked: engine-failed: It ended.',
    ]);
  });
});
