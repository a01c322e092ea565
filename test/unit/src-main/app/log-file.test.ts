import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LogFile, logLimits, openLog } from '../../../../src-main/app/log-file';
import { log, logTo } from '../../../../src-main/shared/log';
import { temporaryFolder } from '../../support/runs';

afterEach(() => logTo(null));

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

  it('has what SAMPO_LOG asks for, and refuses a level that there is not', () => {
    const told = (given: string | undefined): string => {
      const file = new LogFile(temporaryFolder());
      openLog(file, given);
      log.debug('test', 'a detail');
      log.info('test', 'an event');
      log.error('test', 'fell', new TypeError('x is not a function'));
      return file
        .tail(99)
        .map((line) => line.split(' ')[1])
        .join(' ');
    };
    expect(told(undefined)).toMatch(/^info error( error)+$/);
    expect(told('debug')).toMatch(/^debug info error/);
    expect(told('error')).toMatch(/^error( error)+$/);
    expect(() => told('loud')).toThrow(/SAMPO_LOG is loud/);
  });
});

describe('the files of a log', () => {
  it.each([
    [-1, ['sampo.log']],
    [0, ['sampo.1.log', 'sampo.log']],
    [1, ['sampo.1.log', 'sampo.log']],
  ])('begin anew once one has as many bytes as it may, %i more', (more, expected) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'sampo.log'), 'x'.repeat(100 + more));
    new LogFile(folder, { bytes: 100, files: 3 }).write('info', 'a', 'b');
    expect(readdirSync(folder).sort()).toEqual(expected);
  });

  it('are five of two megabytes', () => {
    expect(logLimits).toEqual({ bytes: 2_097_152, files: 5 });
    const folder = temporaryFolder();
    for (let n = 0; n < 7; n++) {
      writeFileSync(path.join(folder, 'sampo.log'), 'x'.repeat(n === 6 ? 2_097_151 : 2_097_152));
      new LogFile(folder).write('info', 'a', `line ${n}`);
    }
    expect(readdirSync(folder).sort()).toEqual([...[1, 2, 3, 4].map((n) => `sampo.${n}.log`), 'sampo.log']);
  });

  it.each([
    [4000, /\] x{4000}$/],
    [4001, /\] x{4000}… \(4001 characters\)$/],
  ])('have lines of %i characters at most', (length, expected) => {
    const file = new LogFile(temporaryFolder());
    file.write('info', 'a', 'x'.repeat(length));
    expect(file.tail(1)[0]).toMatch(expected);
  });

  it('give their newest lines, however many there are', () => {
    const file = new LogFile(temporaryFolder());
    expect(file.tail(3)).toEqual([]);
    for (let n = 1; n <= 4; n++) file.write('info', 'a', `${n}`);
    const last = (lines: number): readonly string[] => file.tail(lines).map((line) => line.split('] ')[1]!);
    expect([last(1), last(3), last(4), last(5)]).toEqual([
      ['4'],
      ['2', '3', '4'],
      ['1', '2', '3', '4'],
      ['1', '2', '3', '4'],
    ]);
  });
});
