import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleSink, engineLine, levelOf, levels, log, logTo, parseEngineLine } from '../../../../src-main/shared/log';
import { AppFailure, appError } from '../../../../src-main/shared/result';

afterEach(() => logTo(null));

/** What arrives where everything from `least` on is heard. */
function heard(least: (typeof levels)[number]): string[] {
  const lines: string[] = [];
  logTo((level, source, text) => void lines.push(`${level} ${source}: ${text}`), least);
  for (const level of levels) log[level]('test', `at ${level}`);
  return lines;
}

describe('the log of every process', () => {
  it.each(levels.map((level, i) => [level, levels.slice(i)] as const))('from %s on has %j', (least, wanted) => {
    expect(heard(least)).toEqual(wanted.map((level) => `${level} test: at ${level}`));
  });

  it('goes nowhere until somebody says where', () => {
    const lines = heard('debug');
    logTo(null);
    log.error('test', 'unheard');
    expect(lines).toHaveLength(levels.length);
  });

  it('has the code of a refusal, not what it quotes; faults with their stack; anything else cut short', () => {
    const lines: string[] = [];
    logTo((_level, _source, text) => void lines.push(text));
    log.warn('test', 'refused', new AppFailure(appError('bad-data', 'row 3: "my secret prompt"', 'mend it')));
    log.warn('test', 'full', new AppFailure(appError('no-space', 'the disk is full', 'free some')));
    log.warn('test', 'fell', new TypeError('x is not a function'));
    log.warn('test', 'odd', 'y'.repeat(1000));
    expect(lines[0]).toBe('refused: bad-data');
    expect(lines[1]).toBe('full: no-space: the disk is full');
    expect(lines[2]).toMatch(/^fell: TypeError: x is not a function\n {4}at /);
    expect(lines[3]).toBe(`odd: ${'y'.repeat(200)}`);
  });

  it('knows the levels of SAMPO_LOG, and nothing else', () => {
    expect([undefined, '', 'debug', 'error', 'loud', 'toString'].map(levelOf)).toEqual([
      'info',
      'info',
      'debug',
      'error',
      null,
      null,
    ]);
  });

  it('crosses from the engine line by line, each with its level', () => {
    const lines = engineLine('warn', 'jobs', 'two\nlines').split('\n').filter(Boolean);
    expect(lines.map(parseEngineLine)).toEqual([
      ['warn', 'jobs', 'two'],
      ['warn', 'jobs', 'lines'],
    ]);
    for (const other of ['W0000 00:00:1 a greeting', '[loud jobs] x', 'terminate called', ''])
      expect(parseEngineLine(other)).toBeNull();
  });

  it('reaches main from the page by its console, by level', () => {
    const spies = levels.map((level) => vi.spyOn(console, level).mockImplementation(() => undefined));
    for (const level of levels) consoleSink(level, 'page', level);
    expect(spies.map((spy) => spy.mock.calls)).toEqual(levels.map((level) => [[`page: ${level}`]]));
  });
});
