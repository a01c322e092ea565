import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../../../../src-main/app/cli/main';
import { openServices } from '../../../../../src-main/app/services';
import { anySpec, temporaryFolder } from '../../../support/runs';

let stdout = '';
let stderr = '';
let home: string;
let id: string;
const noEngine = (): never => {
  throw new Error('no engine here');
};
beforeEach(() => {
  home = temporaryFolder();
  const services = openServices(home, noEngine);
  id = services.runs.create(anySpec({ name: 'the one' }), { model: 'm', dataset: 'd' });
  services.close(); // with the first backup
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => void vi.restoreAllMocks());

const sampo = async <T>(...args: string[]): Promise<{ code: number; value: T }> => {
  [stdout, stderr] = ['', ''];
  const code = await runCommandLine(['--home', home, '--json', ...args], noEngine);
  return { code, value: (stdout === '' ? null : JSON.parse(stdout)) as T };
};
const database = (): string => path.join(home, 'sampo.sqlite');

describe('sampo history', () => {
  it('leads from a damaged history to the last backup, and keeps the damaged file', async () => {
    writeFileSync(database(), 'no rows '.repeat(400));
    rmSync(`${database()}-wal`, { force: true });
    const refused = await sampo<{ error: { message: string; hint: string } }>('runs', 'list');
    expect([refused.code, refused.value.error.message]).toEqual([2, expect.stringMatching(/damaged/)]);
    expect((await sampo('history', 'check')).code).toBe(2);
    expect((await sampo<object[]>('history', 'backups')).value).toHaveLength(1);
    const { code, value } = await sampo<{ restored: string; setAside: string }>('history', 'restore');
    expect(code).toBe(0);
    expect(readFileSync(value.setAside, 'utf8')).toMatch(/^no rows/);
    expect((await sampo('history', 'check')).value).toEqual({ file: database(), ok: true });
    expect((await sampo<{ name: string }[]>('runs', 'list')).value.map((run) => run.name)).toEqual(['the one']);
  });

  it('starts an empty one, whose list says on stderr that there are folders of runs, and lists them again', async () => {
    const { value } = await sampo<{ setAside: string }>('history', 'new');
    expect(existsSync(value.setAside)).toBe(true);
    const list = await sampo<object[]>('runs', 'list');
    expect(list.value).toEqual([]);
    expect(stderr).toMatch(
      new RegExp(
        `^One run folder is in .*runs but not in this history: ${id}\\.\nnpx sampo --home \\S+ runs recover lists ` +
          `them again; npx sampo --home \\S+ history backups shows older histories\\.\n$`,
      ),
    );
    expect((await sampo<{ added: { id: string }[] }>('runs', 'recover')).value.added.map((run) => run.id)).toEqual([
      id,
    ]);
    expect((await sampo<object[]>('runs', 'list')).value).toHaveLength(1);
    expect(stderr).toBe('');
  });

  it('says in words what it did, and where what was there is now', async () => {
    const words = async (...args: string[]): Promise<string> => {
      [stdout, stderr] = ['', ''];
      expect(await runCommandLine(['--home', home, 'history', ...args], noEngine)).toBe(0);
      return stdout;
    };
    expect(await words('check')).toBe(`${database()} is whole.\n`);
    const table = (await words('backups')).split('\n');
    expect(table[0]).toMatch(/^taken +why +bytes +file$/);
    expect(table[2]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d {2}daily +\d+ {2}.*\.sqlite$/);
    expect(table).toHaveLength(4);
    const { value } = await sampo<readonly { file: string }[]>('history', 'backups');
    const backup = value[0]!.file;
    const restored = await words('restore', path.relative(process.cwd(), backup));
    expect(restored).toMatch(
      / is the run history now\. What was there is kept as .*\.sqlite\. npx sampo runs recover /,
    );
    expect(restored.startsWith(backup)).toBe(true);
    expect(await words('new')).toMatch(/^An empty run history was made\. What was there is kept as .*\.sqlite\. npx/);
    home = temporaryFolder();
    expect(await words('backups')).toBe('No backups yet: one is taken before an update, and once a day.\n');
    expect(await words('new')).toMatch(/^An empty run history was made\. npx sampo runs recover lists runs again/);
  });

  it('refuses what it does not know', async () => {
    for (const [words, message] of [
      [['mend'], /^There is no command history mend\.$/],
      [['new', 'x'], /^history new takes nothing after it\.$/],
      [['check', 'x'], /^history check takes nothing after it\.$/],
      [['restore', path.join(home, 'nothing.sqlite')], /nothing\.sqlite/],
      [['restore', 'a', 'b'], /takes 1 to 2 words after its name, not 3/],
    ] as const) {
      const { code, value } = await sampo<{ error: { message: string } }>('history', ...words);
      expect([code, value.error.message]).toEqual([2, expect.stringMatching(message)]);
    }
    home = temporaryFolder();
    const none = await sampo<{ error: { code: string; message: string } }>('history', 'check');
    expect([none.code, none.value.error]).toEqual([
      2,
      expect.objectContaining({ code: 'not-found', message: `There is no run history in ${home}.` }),
    ]);
    expect((await sampo<{ error: { hint: string } }>('history', 'restore')).value.error.hint).toMatch(/history new/);
    mkdirSync(path.join(home, 'x'));
  });
});
