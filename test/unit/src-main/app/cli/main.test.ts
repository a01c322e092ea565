import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../../../../src-main/app/cli/main';
import type { SpawnEngine } from '../../../../../src-main/app/engines/engine-host';
import { appError } from '../../../../../src-main/shared/result';
import { openStore } from '../../../../../src-main/store';
import { FakeChannel } from '../../../support/fake-channel';
import { answering } from '../../../support/handlers';
import { anyRun, temporaryFolder } from '../../../support/runs';

let stdout = '';
let stderr = '';
let home: string;
beforeEach(() => {
  [stdout, stderr, home] = ['', '', temporaryFolder()];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => void vi.restoreAllMocks());

const noEngine: SpawnEngine = () => {
  throw new Error('no engine is needed for this');
};
/** An engine that listens and does nothing else by itself. */
function stubborn(): { readonly channel: FakeChannel; readonly engine: SpawnEngine } {
  const channel = new FakeChannel();
  return { channel, engine: () => (setImmediate(() => channel.say({ kind: 'ready' })), channel) };
}
const sampo = (...args: string[]): Promise<number> => runCommandLine(['--home', home, ...args], noEngine);
const json = <T>(): T => JSON.parse(stdout) as T;
const lines = (): { event?: string; status?: string; error?: { code: string } }[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as never);
const keepRuns = (...ids: string[]): void => {
  const store = openStore(path.join(home, 'sampo.sqlite'));
  for (const id of ids) store.runs.insert(anyRun({ id: id as never, name: `run ${id}` }));
  store.close();
};

describe('the command line', () => {
  it('helps: with a list for --help, a usage for one command, and code 2 where nothing was asked', async () => {
    expect(await sampo('--help')).toBe(0);
    expect(stdout).toMatch(/train --spec FILE/);
    stdout = '';
    expect(await sampo('train', '--help')).toBe(0);
    expect(stdout).toMatch(/^sampo train/);
    expect(await sampo()).toBe(2);
  });

  it('finds its flags before and after the command', async () => {
    expect(await runCommandLine(['--json', '--home', home, 'runs', 'list'], noEngine)).toBe(0);
    expect(json()).toEqual([]);
    stdout = '';
    expect(await runCommandLine(['runs', 'list', '--json', `--home=${home}`], noEngine)).toBe(0);
    expect(json()).toEqual([]);
  });

  it.each([
    [['trian'], /no command trian/],
    [['runs'], /takes 1 to 2 words .* not 0/],
    [['runs', 'show'], /needs a run/],
    [['runs', 'list', 'last'], /runs list takes no run \(last\)/],
    [['constructor'], /no command constructor/],
    [['spec', '--schema', '--example'], /one thing at a time/],
    [['spec', '--schema', 'dpo'], /dpo is not expected/],
    [['generate', '--seed', '1', '--seed=2'], /--seed is given twice/],
    [['runs', 'show', 'last'], /no run yet/],
    [['train'], /either --spec FILE or --resume RUN/],
    [['generate', '--model', 'm'], /either --prompt TEXT or --messages FILE/],
    [['export', 'last'], /--form is missing/],
    [['spec', '--example', 'nothing'], /nothing is not available/],
  ] as const)('refuses %j in words on stderr, in JSON on stdout, with code 2', async (args, message) => {
    expect(await sampo(...args)).toBe(2);
    expect([stdout, stderr.match(/^Error: /) !== null, message.test(stderr)]).toEqual(['', true, true]);
    stderr = '';
    expect(await sampo('--json', ...args)).toBe(2);
    expect(json<{ error: { message: string; hint: string } }>().error.message).toMatch(message);
    expect(stderr).toBe('');
  });

  it('prints JSON alone', async () => {
    expect(await sampo('--json', 'methods')).toBe(0);
    expect(json<{ id: string }[]>().map((m) => m.id)).toContain('sampo');
    stdout = '';
    expect(await sampo('--json', 'spec', '--example', 'dpo')).toBe(0);
    const file = path.join(home, 'example.json');
    writeFileSync(file, stdout);
    expect(json()).toMatchObject({ version: 1, method: { id: 'dpo' } });
    stdout = '';
    expect(await sampo('--json', 'spec', '--check', file)).toBe(0);
    expect(json()).toEqual({ ok: true });
  });

  it('says what is missing as JSON too', async () => {
    expect(await sampo('--json')).toBe(2);
    expect(json<{ error: { code: string; hint: string } }>().error).toMatchObject({
      code: 'bad-input',
      hint: expect.stringMatching(/Known: train, runs/) as string,
    });
  });

  it('takes a home that is called like the command', async () => {
    expect(await runCommandLine(['--home', path.join(home, 'runs'), '--json', 'runs', 'list'], noEngine)).toBe(0);
    expect(json()).toEqual([]);
    const here = process.cwd();
    process.chdir(home);
    try {
      stdout = '';
      expect(await runCommandLine(['--home', 'runs', '--json', 'runs', 'list'], noEngine)).toBe(0);
    } finally {
      process.chdir(here);
    }
    expect(json()).toEqual([]);
  });

  // every command and every flag of it, as its own help says them
  const usages = async (): Promise<readonly (readonly [string, readonly string[]])[]> => {
    await sampo('--help');
    const names = [...new Set([...stdout.matchAll(/^ {2}(?:sampo )?([a-z]+)/gm)].map(([, name]) => name!))].filter(
      (name) => name !== 'sampo' && name !== 'engine',
    );
    return Promise.all(
      names.map(async (name) => {
        stdout = '';
        await sampo(name, '--help');
        return [name, [...stdout.matchAll(/--([a-z][a-z-]+)/g)].map(([, flag]) => flag!)] as const;
      }),
    );
  };

  it('refuses a flag that a command does not have, by its name and with those it has', async () => {
    const commands = await usages();
    expect(commands.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'train',
        'runs',
        'compare',
        'data',
        'logprobs',
        'generate',
        'export',
        'methods',
        'spec',
        'doctor',
        'sample',
      ]),
    );
    for (const [name] of commands) {
      stdout = '';
      expect(await sampo('--json', name, '--qqqqqqq', 'x'), name).toBe(2);
      const { error } = json<{ error: { code: string; message: string; hint: string; details: { flag: string } } }>();
      expect(error, name).toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('--qqqqqqq') as string,
        hint: expect.stringContaining('--home') as string,
        details: { flag: 'qqqqqqq' },
      });
    }
  });

  it('corrects a slip in every flag that its help names', async () => {
    for (const [name, flags] of await usages()) {
      for (const flag of flags.filter((f) => f.length > 3)) {
        stdout = '';
        expect(await sampo('--json', name, `--${flag}z`), `${name} --${flag}z`).toBe(2);
        expect(json<{ error: { hint: string } }>().error.hint, `${name} --${flag}`).toContain(`--${flag}`);
      }
    }
  });

  it('knows a run by its id, a unique beginning, or as the last one', async () => {
    keepRuns('r_aa1', 'r_aa2', 'r_bb');
    for (const [name, id] of [
      ['r_aa1', 'r_aa1'],
      ['r_b', 'r_bb'],
      ['last', 'r_bb'],
    ] as const) {
      stdout = '';
      expect(await sampo('--json', 'runs', 'show', name)).toBe(0);
      expect(json<{ run: { id: string } }>().run.id).toBe(id);
    }
    expect(await sampo('runs', 'show', 'r_aa')).toBe(2);
    expect(stderr).toMatch(/2 runs begin with r_aa[\s\S]*r_aa2, r_aa1/);
    expect(await sampo('runs', 'delete', 'r_bb')).toBe(0);
    expect(await sampo('runs', 'show', 'r_bb')).toBe(2);
  });
});

describe('runs show', () => {
  it('lists the checkpoints that are there, not those pruned since', async () => {
    keepRuns('r_1');
    const store = openStore(path.join(home, 'sampo.sqlite'));
    store.runData.addCheckpoint('r_1' as never, 4, path.join(home, 'pruned'), 10, 1);
    store.runData.addCheckpoint('r_1' as never, 8, home, 10, 2);
    store.close();
    expect(await sampo('--json', 'runs', 'show', 'r_1')).toBe(0);
    expect(json<{ checkpoints: { step: number }[] }>().checkpoints.map((c) => c.step)).toEqual([8]);
  });
});

describe('train --json', () => {
  const spec = (): string => {
    const file = path.join(home, 'run.json');
    writeFileSync(file, JSON.stringify({ model: { path: 'm' }, dataset: { path: 'd' } }));
    return file;
  };
  const train = (engine: SpawnEngine): Promise<number> =>
    runCommandLine(['--home', home, '--json', 'train', '--spec', spec()], engine);

  it.each([
    ['bad-data', 2],
    ['engine-failed', 1],
    ['no-space', 1], // the work had begun: nothing that was given is wrong
  ] as const)('that fails with %s ends its stream with a status and code %i', async (code, exit) => {
    expect(await train(answering({ train: () => ({ failed: appError(code, 'm', 'h') }) }))).toBe(exit);
    expect(lines()[0]).toMatchObject({ event: 'run' });
    expect(lines().at(-1)).toEqual({ event: 'status', status: 'failed', error: { code, message: 'm', hint: 'h' } });
    expect(lines().filter((line) => 'error' in line)).toHaveLength(1);
  });

  it('says the error once in words without --json', async () => {
    expect(
      await runCommandLine(
        ['--home', home, 'train', '--spec', spec()],
        answering({ train: () => ({ failed: appError('bad-data', 'no pair', 'h') }) }),
      ),
    ).toBe(2);
    expect([stdout, stderr.match(/no pair/g)?.length]).toEqual(['', 1]);
  });

  it('that cannot be resumed is refused before it says anything else', async () => {
    keepRuns('r_done');
    expect(await runCommandLine(['--home', home, '--json', 'train', '--resume', 'r_done'], noEngine)).toBe(2);
    expect(lines()).toMatchObject([{ error: { code: 'bad-input' } }]);
  });

  it('saves at the first Ctrl-C, however often it arrives, and ends with 130', async () => {
    const { channel, engine } = stubborn();
    const code = train(engine);
    await expect.poll(() => channel.posted).toHaveLength(1);
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    for (let copies = 0; copies < 3; copies++) process.emit('SIGINT');
    expect(exit).not.toHaveBeenCalled();
    expect(channel.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5000);
    process.emit('SIGINT'); // somebody means it
    expect(exit).toHaveBeenCalledWith(130);
    channel.say({
      kind: 'done',
      job: 'train',
      value: { outcome: 'stopped', steps: 0, checkpointPath: '', best: null },
    });
    channel.exit('exit code 0');
    expect(await code).toBe(130);
    expect(lines().at(-1)).toEqual({ event: 'status', status: 'stopped' });
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});

describe('the command line in general', () => {
  it('says its version, in words and as JSON', async () => {
    const { version } = JSON.parse(
      readFileSync(path.join(import.meta.dirname, '../../../../../package.json'), 'utf8'),
    ) as {
      readonly version: string;
    };
    expect([await sampo('--version'), stdout]).toEqual([0, `${version}\n`]);
    stdout = '';
    expect([await sampo('--json', '--version'), json()]).toEqual([0, { version }]);
  });

  it('helps as JSON: one command, or all of them with their flags', async () => {
    await sampo('--json', 'export', '--help');
    const [one] = json<{ command: string; usage: string; help: string; flags: object[] }[]>();
    expect(one).toMatchObject({ command: 'export', usage: expect.stringMatching(/^export /) as string });
    expect(one!.flags[0]).toEqual({ name: expect.any(String) as string, value: expect.any(String) as string });
    stdout = '';
    await sampo('--json', '--help');
    const all = json<{ command: string }[]>();
    expect(all).toHaveLength(12);
    expect(all).toContainEqual(one);
  });

  it('shows the help where nothing is asked, and where a home is all that is given', async () => {
    expect(await sampo()).toBe(2);
    const first = stdout;
    expect(first).toMatch(/^sampo \[--home DIR\]/);
    stdout = '';
    expect([await runCommandLine([`--home=${home}`], noEngine), stdout]).toEqual([2, first]);
    expect(await sampo('--hmoe')).toBe(2);
    expect(stderr).toMatch(/no flag --hmoe here[\s\S]*--home/);
  });

  it.each([
    [['doctor', 'x'], 'sampo doctor takes 0 words after its name, not 1.'],
    [['export'], 'sampo export takes 1 word after its name, not 0.'],
    [['export', 'a', 'b'], 'sampo export takes 1 word after its name, not 2.'],
    [['compare', 'a'], 'sampo compare takes 2 to 8 words after its name, not 1.'],
    [['compare', ...'abcdefghi'], 'sampo compare takes 2 to 8 words after its name, not 9.'],
    [['methods', 'x'], 'sampo methods takes 0 words after its name, not 1.'],
    [['sample', 'x'], 'sampo sample takes 0 words after its name, not 1.'],
    [['spec', '--example', 'a', 'b'], 'sampo spec takes 0 to 1 word after its name, not 2.'],
    [['history'], 'sampo history takes 1 to 2 words after its name, not 0.'],
    [['history', 'check', 'a', 'b'], 'sampo history takes 1 to 2 words after its name, not 3.'],
    [['runs', 'a', 'b', 'c'], 'sampo runs takes 1 to 2 words after its name, not 3.'],
    [['generate', 'x'], 'sampo generate takes 0 words after its name, not 1.'],
    [['logprobs', 'x'], 'sampo logprobs takes 0 words after its name, not 1.'],
  ])('%j: %s', async (args, message) => {
    expect(await sampo('--json', ...args)).toBe(2);
    expect(json<{ error: { message: string } }>().error).toMatchObject({ code: 'bad-input', message });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('cancels the job at work at %s', async (signal) => {
    const before = process.listenerCount(signal);
    const { channel, engine } = stubborn();
    const code = runCommandLine(['--home', home, '--json', 'doctor'], engine);
    await expect.poll(() => channel.posted).toHaveLength(1);
    process.emit(signal, signal);
    expect(channel.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    channel.exit('exit code 0');
    expect(await code).toBe(130);
    expect(json()).toMatchObject({ error: { code: 'stopped' } });
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('names a nearest command, or all of them', async () => {
    for (const [name, hint] of [
      ['trian', 'Did you mean train?'],
      ['zzzzzzzz', expect.stringMatching(/^Known: train, runs, .*doctor\.$/)],
    ] as const) {
      stdout = '';
      await sampo('--json', name);
      expect(json()).toMatchObject({ error: { message: `There is no command ${name}.`, hint: hint as string } });
    }
  });
});
