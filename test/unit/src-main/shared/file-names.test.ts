import { describe, expect, it } from 'vitest';
import { fileNameFor, fileNameProblem, filePathProblem } from '../../../../src-main/shared/file-names';

describe('a name for a file or folder', () => {
  it.each([
    ['', /missing/],
    ['..', /not a name/],
    ['.hidden', /dot/],
    ['a/b', /\//],
    ['a\\b', /Windows/],
    ['a<b', /</],
    ['a|b', /\|/],
    ['what?', /\?/],
    ['a*', /\*/],
    ['a:b', /:/],
    ['"a"', /"/],
    ['a\u0000b', /cannot be seen/],
    ['a\nb', /cannot be seen/],
    ['a.', /ends with a dot/],
    ['a ', /ends with a space/],
    ['CON', /device/],
    ['nul.txt', /device/],
    ['Com1', /device/],
    ['LPT9.tar.gz', /device/],
    ['aux', /device/],
    ['CONIN$', /device/],
    ['COM¹', /device/],
    ['ä'.repeat(128), /256 bytes.*255/],
  ] as const)('%j is refused, and the reason said', (name, reason) => expect(fileNameProblem(name)).toMatch(reason));

  it.each([
    'my-model',
    'SmolLM2 SamPO',
    'конфиг',
    'a.b.c',
    'console',
    'com',
    'com10',
    'nullify',
    'ä'.repeat(127),
    'a'.repeat(255),
  ])('%j is taken', (name) => expect(fileNameProblem(name)).toBeNull());

  it('may make a path too long for Windows alone, what lies in it counted', () => {
    expect(filePathProblem('x'.repeat(259), 'win32')).toBeNull();
    expect(filePathProblem('x'.repeat(260), 'win32')).toMatch(/260 characters/);
    expect(filePathProblem('x'.repeat(240), 'win32', 25)).toMatch(/266/);
    expect(filePathProblem('x'.repeat(300), 'linux', 25)).toBeNull();
  });

  it.each([
    '',
    '...',
    'CON',
    'nul.html',
    'a/b\\c:d',
    ' x ',
    'DPO "on" my <pairs>?',
    'ä'.repeat(400),
    '\u0000',
    '🙂'.repeat(99),
  ])('is made of %j', (text) => expect(fileNameProblem(`${fileNameFor(text, 'run')}.html`)).toBeNull());
});
