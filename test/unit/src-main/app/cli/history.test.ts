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
    expect(stderr).toMatch(new RegExp(`One run folder is in .*${id}.*\n.*runs recover`));
    expect((await sampo<{ added: { id: string }[] }>('runs', 'recover')).value.added.map((run) => run.id)).toEqual([
      id,
    ]);
    expect((await sampo<object[]>('runs', 'list')).value).toHaveLength(1);
    expect(stderr).toBe('');
  });

  it('refuses what it does not know', async () => {
    for (const words of [['mend'], ['new', 'x'], ['restore', path.join(home, 'nothing.sqlite')]])
      expect((await sampo('history', ...words)).code).toBe(2);
    home = temporaryFolder();
    expect((await sampo('history', 'check')).code).toBe(2);
    expect((await sampo<{ error: { hint: string } }>('history', 'restore')).value.error.hint).toMatch(/history new/);
    mkdirSync(path.join(home, 'x'));
  });
});
