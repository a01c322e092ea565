import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { keepOutput } from '../../../../src-main/app/engine-output';
import { LogFile, log, openLog } from '../../../../src-main/app/log';
import { AppFailure, appError } from '../../../../src-main/shared/result';
import { temporaryFolder } from '../../support/runs';

afterEach(() => openLog(null));

describe('the log', () => {
  it('says when, how bad, which process and what, for its owner alone', () => {
    const file = new LogFile(path.join(temporaryFolder(), 'logs'));
    file.write('warn', 'engine', 'two\nlines with hf_abcdefghijklmn');
    const lines = readFileSync(file.file, 'utf8').split('\n');
    expect(lines[0]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z warn  \\[${process.pid} engine\\] two$`));
    expect(lines[1]).toMatch(/lines with hf_…$/);
    if (process.platform !== 'win32')
      expect([statSync(file.file).mode & 0o777, statSync(file.folder).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('keeps as many files of as many bytes as it may, the newest lines in them', () => {
    const file = new LogFile(temporaryFolder(), { bytes: 500, files: 3 });
    for (let n = 0; n < 100; n++) file.write('info', 'test', `line ${n}`);
    expect(readdirSync(file.folder).sort()).toEqual(['sampo.1.log', 'sampo.2.log', 'sampo.log']);
    for (const name of readdirSync(file.folder)) expect(statSync(path.join(file.folder, name)).size).toBeLessThan(700);
    expect(file.tail(12).map((line) => /line (\d+)$/.exec(line)![1])).toEqual(
      Array.from({ length: 12 }, (_, n) => `${88 + n}`),
    );
    expect(file.tail(10_000).length).toBeLessThan(100);
  });

  it('cuts a line that would be a book, and never throws', () => {
    const folder = temporaryFolder();
    const file = new LogFile(folder);
    file.write('info', 'test', 'x'.repeat(100_000));
    expect(statSync(file.file).size).toBeLessThan(5000);
    const taken = path.join(folder, 'taken');
    writeFileSync(taken, '');
    new LogFile(path.join(taken, 'logs')).write('info', 'test', 'nowhere');
    mkdirSync(path.join(folder, 'odd', 'sampo.log'), { recursive: true });
    new LogFile(path.join(folder, 'odd')).write('info', 'test', 'a folder');
  });

  it('has the code of a refusal, not what it quotes; faults with their stack', () => {
    const file = new LogFile(temporaryFolder());
    openLog(file);
    log.error('app', 'refused', new AppFailure(appError('bad-data', 'row 3: "my secret prompt"', 'mend it')));
    log.error('app', 'broke', new AppFailure(appError('database', 'the file is damaged', 'restore it')));
    log.error('app', 'fell', new TypeError('x is not a function'));
    const text = readFileSync(file.file, 'utf8');
    expect(text).toMatch(/refused: bad-data\n/);
    expect(text).toMatch(/broke: database: the file is damaged/);
    expect(text).toMatch(/fell: TypeError: x is not a function\n.* {4}at /);
  });
});

describe('what an engine prints', () => {
  it('is kept from both its streams; what is more than a greeting is told', async () => {
    const file = new LogFile(temporaryFolder());
    openLog(file);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const told: string[] = [];
    keepOutput({ stdout, stderr }, (line) => void told.push(line));
    stdout.end('step with hf_abcdefghijkl\n\n');
    stderr.end('W0000 00:00:1 a greeting\nterminate called\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(
      file.tail(9).map((line) => line.split('] ')[0]!.split(' ').slice(-2).join(' ') + '|' + line.split('] ')[1]),
    ).toEqual(
      expect.arrayContaining([
        'engine stdout|step with hf_…',
        'engine stderr|W0000 00:00:1 a greeting',
        'engine stderr|terminate called',
      ]),
    );
    expect(told).toEqual(['terminate called']);
  });
});
