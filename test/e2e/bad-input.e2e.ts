import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Requests } from '../../src-main/shared/ipc/contract';
import type { AppError, Result } from '../../src-main/shared/result';
import { AppUnderTest } from './support/app';
import { sampo, starter, temporaryFolder, writeSpec, type Finished } from './support/cli';
import { growDisk, readOnlyFolder, removeDisks, smallDisk } from './support/disks';
import { writeGguf } from './support/gguf';

// What cannot work is refused with what happened, where, and what to do; and nothing half-written stays.

const work = temporaryFolder();
const home = path.join(work, 'home');
const spec = (change: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  model: { path: starter.model },
  dataset: { path: starter.pairs, limit: 40 },
  adapter: { kind: 'none' },
  training: { maxSteps: 6, maxLength: 256, checkpointEvery: 3, evalEvery: 100 },
  probes: { everySteps: 100, maxNewTokens: 8 },
  ...change,
});
const readOnly = readOnlyFolder();
const tiny = smallDisk(64);
const small = smallDisk(3000);
const note = (there: unknown): string => (there === null ? ' (left out: this machine lets us mount no disk)' : '');
afterAll(removeDisks);

function refused(done: Finished, message: RegExp, code: AppError['code']): void {
  expect(done.code, done.stdout + done.stderr).toBe(2);
  const { error } = done.json<{ error: AppError }>();
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
  expect(error.hint).not.toMatch(/fault of the app/);
  expect(error.hint.length).toBeGreaterThan(10);
}
const hidden = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /(^|\/)\.|\.tmp|partial/.test(name));

describe('the data folder', () => {
  it('with a damaged database is refused, and the file is left alone', async () => {
    const damaged = path.join(work, 'damaged');
    mkdirSync(damaged);
    writeFileSync(
      path.join(damaged, 'sampo.sqlite'),
      'not a database at all, but long enough to look like one '.repeat(40),
    );
    const before = readFileSync(path.join(damaged, 'sampo.sqlite'));
    for (const args of [
      ['runs', 'list'],
      ['train', '--spec', writeSpec(work, spec())],
    ])
      refused(await sampo(damaged, args), /damaged\/sampo\.sqlite is damaged or not a database/, 'database');
    expect(readFileSync(path.join(damaged, 'sampo.sqlite')).equals(before)).toBe(true);
  });

  it('that is a file is refused', async () => {
    const file = path.join(work, 'a-file');
    writeFileSync(file, 'x');
    refused(await sampo(file, ['runs', 'list']), /a-file cannot be used: .*a-file is a file/, 'bad-input');
  });

  it.skipIf(readOnly === null)(`without write permission is refused${note(readOnly)}`, async () => {
    refused(await sampo(readOnly!, ['runs', 'list']), /cannot be used: E(ROFS|ACCES)/, 'no-permission');
    refused(
      await sampo(path.join(readOnly!, 'new'), ['runs', 'list']),
      /cannot be used: E(ROFS|ACCES)/,
      'no-permission',
    );
  });

  it.skipIf(tiny === null)(`on a full disk is refused, and works once there is room${note(tiny)}`, async () => {
    refused(await sampo(tiny!, ['runs', 'list']), /disk is full/, 'no-space');
    expect(growDisk(tiny!, 4096)).toBe(true);
    const done = await sampo(tiny!, ['runs', 'list']);
    expect(done.code, done.stdout).toBe(0);
    expect(done.json()).toEqual([]);
  });
});

describe('a run', () => {
  it.each([
    ['of a future version', { version: 2 }, /version 2; this version of SamPO Studio reads version 1/, 'bad-spec'],
    ['of a version that is no number', { version: '1' }, /version/, 'bad-spec'],
  ] as const)('%s is refused and not kept', async (_what, change, message, code) => {
    refused(await sampo(home, ['train', '--spec', writeSpec(work, spec(change))]), message, code);
    refused(await sampo(home, ['spec', '--check', writeSpec(work, spec(change))]), message, code);
    expect((await sampo(home, ['runs', 'list'])).json()).toEqual([]);
  });

  it.skipIf(small === null)(
    `whose disk fills up fails with what it has, and goes on once there is room${note(small)}`,
    async () => {
      const failed = await sampo(small!, ['train', '--spec', writeSpec(work, spec())]);
      expect(failed.code, failed.stderr).toBe(1);
      expect(failed.events().at(-1)).toMatchObject({
        event: 'status',
        status: 'failed',
        error: { code: 'no-space', hint: expect.stringMatching(/[Ff]ree/) as string },
      });
      expect(hidden(small!)).toEqual([]);
      expect(growDisk(small!, 100_000)).toBe(true);
      const resumed = await sampo(small!, ['train', '--resume', 'last']);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(resumed.events().at(-1)).toEqual({ event: 'status', status: 'finished' });
    },
  );
});

describe('a model', () => {
  it.each([
    ['Q5_0', 6],
    ['Q6_K', 14],
  ] as const)('as GGUF of type %s is refused by tensor and type, with the types that work', async (name, type) => {
    const file = writeGguf(path.join(work, `${name}.gguf`), type);
    for (const args of [
      ['generate', '--model', file, '--prompt', 'x'],
      ['logprobs', '--model', file, '--data', starter.pairs],
    ]) {
      const done = await sampo(home, args);
      refused(
        done,
        new RegExp(`${name}\\.gguf stores token_embd\\.weight as ${name}, which is not supported`),
        'bad-model',
      );
      expect(done.json<{ error: AppError }>().error.hint).toMatch(/Q8_0/);
    }
    const trained = await sampo(home, ['train', '--spec', writeSpec(work, spec({ model: { path: file } }))]);
    expect(trained.code).toBe(2);
    expect(trained.events().at(-1)).toMatchObject({ status: 'failed', error: { code: 'bad-model' } });
    const { checkpoints } = (await sampo(home, ['runs', 'show', 'last'])).json<{ checkpoints: unknown[] }>();
    expect(checkpoints).toEqual([]);
    expect((await sampo(home, ['runs', 'delete', 'last'])).code).toBe(0);
    expect(readdirSync(path.join(home, 'runs'))).toEqual([]);
  });
});

describe('an export', () => {
  beforeAll(async () => {
    const done = await sampo(home, ['train', '--spec', writeSpec(work, spec())]);
    expect(done.code, done.stderr).toBe(0);
  });

  it.skipIf(readOnly === null)(`into a folder without write permission is refused${note(readOnly)}`, async () => {
    refused(
      await sampo(home, ['export', 'last', '--form', 'merged', '--out', path.join(readOnly!, 'model')]),
      /model could not be written: E(ROFS|ACCES)/,
      'no-permission',
    );
  });

  it(`onto a full disk is refused, and leaves nothing`, async ({ skip }) => {
    const disk = smallDisk(500); // the merged model has 1.5 MB
    if (disk === null) return skip('this machine lets us mount no disk');
    refused(
      await sampo(home, ['export', 'last', '--form', 'merged', '--out', path.join(disk, 'model')]),
      /ENOSPC|full/i,
      'no-space',
    );
    expect(readdirSync(disk)).toEqual([]);
    return undefined;
  });
});

describe('through the window', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await AppUnderTest.start();
  });
  afterAll(() => app?.close());

  /** As the page asks, through preload, parsers and handlers. */
  const ask = async <C extends Channel>(channel: C, input: Requests[C]['in']): Promise<Result<Requests[C]['out']>> =>
    app.page.evaluate(
      ([c, i]) =>
        (globalThis as never as { sampo: { request(channel: unknown, input: unknown): Promise<never> } }).sampo.request(
          c,
          i,
        ),
      [channel, input] as const,
    );
  const errorOf = async <C extends Channel>(channel: C, input: Requests[C]['in']): Promise<AppError> => {
    const result = await ask(channel, input);
    if (result.ok) throw new Error(`${channel} was accepted`);
    return result.error;
  };
  const pick = async (kind: Requests['files:pick']['in']['kind'], file: string) => {
    app.answer({ [kind]: file });
    const result = await ask('files:pick', { kind });
    if (!result.ok || result.value === null) throw new Error('nothing was picked');
    return result.value.token;
  };

  it('a GGUF of an unsupported type is refused in the same words, and not added', async () => {
    // added behind the first page
    await expect.poll(() => ask('models:list', undefined)).toMatchObject({ value: [{ starter: true }] });
    const before = await ask('models:list', undefined);
    const token = await pick('model-file', writeGguf(path.join(work, 'window.gguf'), 14));
    expect(await errorOf('models:add', { token })).toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(/token_embd\.weight as Q6_K/) as string,
      hint: expect.stringMatching(/Q8_0/) as string,
    });
    expect(await ask('models:list', undefined)).toEqual(before);
  });

  it('a preference file that is gone, or may not be read, is refused by name', async () => {
    const token = await pick('dataset', path.join(work, 'gone.jsonl'));
    expect(await errorOf('datasets:inspect', { token, format: 'auto', columns: null, modelId: null })).toMatchObject({
      message: expect.stringMatching(/gone\.jsonl/) as string,
    });
    if (process.getuid?.() === 0) return; // root may read everything
    const locked = path.join(work, 'locked.jsonl');
    writeFileSync(locked, '{}');
    chmodSync(locked, 0o000);
    expect(
      await errorOf('datasets:inspect', {
        token: await pick('dataset', locked),
        format: 'auto',
        columns: null,
        modelId: null,
      }),
    ).toMatchObject({ code: 'no-permission' });
  });

  it('a spec of a future version does not pass the line to main', async () => {
    const future = { ...spec({ model: { path: 'model:m' }, dataset: { path: 'dataset:d' } }), version: 2 };
    expect(await errorOf('runs:start', { specs: [future as never] })).toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/specs\.0\.version/) as string,
    });
    expect(await ask('runs:list', { search: '' })).toMatchObject({ ok: true, value: [] });
  });

  it('an export without room or permission is refused, and the run stays as it is', async () => {
    const started = await ask('runs:sample', undefined);
    if (!started.ok) throw new Error(started.error.message);
    const [runId, other] = started.value as [never, never];
    await ask('runs:stop', { id: other });
    const status = async (): Promise<string> => {
      const run = await ask('runs:get', { id: runId });
      return run.ok ? run.value.run.status : 'gone';
    };
    await expect.poll(status).toBe('running');
    await ask('runs:stop', { id: runId });
    await expect.poll(status).toBe('stopped');
    const disk = smallDisk(500);
    for (const [folder, code] of [
      [disk, 'no-space'],
      [readOnly, 'no-permission'],
    ] as const) {
      if (folder === null) continue;
      const token = await pick('export-folder', folder);
      expect(
        await errorOf('exports:start', { runId, form: 'merged', dtype: 'f32', folder: token, folderName: 'model' }),
      ).toMatchObject({ code });
      expect(readdirSync(folder)).toEqual([]);
    }
    expect(await ask('runs:get', { id: runId })).toMatchObject({
      ok: true,
      value: { exports: [], run: { status: 'stopped' } },
    });
    expect(existsSync(path.join(app.home, 'sampo.sqlite'))).toBe(true);
  });

  it('and the page met no error', () => {
    expect(app.errors).toEqual([]);
  });
});
