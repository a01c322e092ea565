import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endWithReader, makeOutput } from '../../../../../src-main/app/cli/output';
import { appError } from '../../../../../src-main/shared/result';

let [stdout, stderr] = ['', ''];
const { isTTY } = process.stderr;
beforeEach(() => {
  [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  process.stderr.isTTY = false;
});
afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});
const told = (): readonly [string, string] => [stdout, stderr];
const error = appError('bad-input', 'No.', 'npx sampo methods lists them.');
const words = (): string => 'in words';

describe('what a command says', () => {
  it('is its result in words or JSON, alone on stdout', () => {
    makeOutput(false).result({ a: 1 }, words);
    makeOutput(true).result({ a: 1 }, words);
    makeOutput(false).event({ b: 1 }); // a stream is for programs
    makeOutput(true).event({ b: 1 });
    expect(told()).toEqual(['in words\n{"a":1}\n{"b":1}\n', '']);
    expect([makeOutput(true).json, makeOutput(false).json]).toEqual([true, false]);
  });

  it.each<readonly [readonly (readonly unknown[])[], string]>([
    [[], '{"rows":[]}\n'],
    [[[]], '{"rows":[]}\n'],
    [[[1, { a: 2 }]], '{"rows":[1,{"a":2}]}\n'],
    [[[1], [], [2, 3]], '{"rows":[1,2,3]}\n'],
  ])('may be a list that comes in parts: %j', (parts, expected) => {
    const output = makeOutput(true);
    const list = output.list('rows');
    for (const part of parts) list.add(part);
    list.end(words);
    output.error(error); // the list is whole: an error after it is a value of its own
    expect(stdout).toBe(`${expected}{"error":${JSON.stringify(error)}}\n`);
  });

  it('in words has a list only at its end', () => {
    const list = makeOutput(false).list('rows');
    list.add([1]);
    expect(stdout).toBe('');
    list.end(words);
    expect(told()).toEqual(['in words\n', '']);
  });

  it('is one JSON value also where a list breaks off', () => {
    const output = makeOutput(true);
    output.list('rows').add([1]);
    output.error(error);
    expect(JSON.parse(stdout)).toEqual({ rows: [1], error });
    expect([stdout.endsWith('}\n'), stderr]).toEqual([true, '']);
  });
});

describe('an error', () => {
  it.each([
    ['a file', false, undefined, 'Error: No.\nnpx sampo methods lists them.\n'],
    ['a terminal', true, '', '\u001b[31mError: No.\u001b[0m\nnpx sampo methods lists them.\n'],
    ['a terminal without colours', true, '1', 'Error: No.\nnpx sampo methods lists them.\n'],
  ] as const)('goes to stderr for %s', (_what, isTerminal, noColour, expected) => {
    process.stderr.isTTY = isTerminal;
    vi.stubEnv('NO_COLOR', noColour);
    makeOutput(false).error(error);
    expect(told()).toEqual(['', expected]);
  });

  it('and a note name commands with the home they are about', () => {
    const output = makeOutput(false, '/my home');
    output.error(error);
    output.note('npx sampo doctor tells more.');
    expect(stderr).toBe(
      "Error: No.\nnpx sampo --home '/my home' methods lists them.\nnpx sampo --home '/my home' doctor tells more.\n",
    );
    makeOutput(true, '/h').error(error);
    expect(JSON.parse(stdout)).toEqual({ error: { ...error, hint: 'npx sampo --home /h methods lists them.' } });
  });
});

describe('progress', () => {
  it('replaces the line before it on a terminal, until something else is said', () => {
    process.stderr.isTTY = true;
    vi.stubEnv('NO_COLOR', '1');
    const output = makeOutput(false);
    const clear = '\r\u001b[K';
    for (const line of ['one', 'two']) output.progress(line);
    output.note('a note');
    output.note('another');
    output.progress('three');
    output.result(null, words);
    output.progress('four');
    output.list('x').end(words);
    output.progress('five');
    output.error(error);
    expect(stderr).toBe(
      `${clear}one${clear}two\na note\nanother\n${clear}three\n${clear}four\n${clear}five\nError: No.\n${error.hint}\n`,
    );
  });

  it('is a line in more than ten seconds elsewhere', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const output = makeOutput(false);
    for (const [line, ms] of [
      ['one', 0],
      ['two', 10_000],
      ['three', 1],
      ['four', 10_000],
      ['five', 1],
    ] as const) {
      vi.advanceTimersByTime(ms);
      output.progress(line);
    }
    output.note('end');
    expect(stderr).toBe('one\nthree\nfive\nend\n');
  });
});

describe('a reader that is gone', () => {
  it.each(['stdout', 'stderr'] as const)('of %s is told to the process once, as a wish to end', (name) => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const before = [process.stdout, process.stderr].map((stream) => stream.listeners('error'));
    endWithReader();
    process[name].emit('error', new Error('EPIPE'));
    process.stdout.emit('error', new Error('EPIPE'));
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
    for (const [i, stream] of [process.stdout, process.stderr].entries())
      for (const listener of stream.listeners('error'))
        if (!before[i]!.includes(listener)) stream.off('error', listener as () => void);
  });
});
