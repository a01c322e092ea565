import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sampoCommand, shellWord } from '../../../../src-main/shared/shell-words';

describe('a word of a command', () => {
  const words = ['plain', '/a/b.c', 'with space', "it's", '$HOME "quoted" `x`', 'Ünïcode', '', 'a;b&c'];
  it.skipIf(process.platform === 'win32')('comes out of the shell as it went in', () => {
    const line = `printf '%s\\n' ${words.map((word) => shellWord(word, 'linux')).join(' ')}`;
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).slice(0, -1).split('\n')).toEqual(words);
  });
  it('has double quotes on Windows', () => {
    expect(sampoCommand(['--home', 'C:\\Users\\Ada Lovelace\\SamPO', 'train'], 'win32')).toBe(
      'npx sampo --home "C:\\Users\\Ada Lovelace\\SamPO" train',
    );
    expect(shellWord('C:\\a\\b.json', 'win32')).toBe('C:\\a\\b.json');
  });
});
