import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTokens } from '../../../../src-main/app/file-tokens';
import type { FileToken } from '../../../../src-main/shared/ids';
import { temporaryFolder } from '../../support/runs';

describe('file tokens', () => {
  it('stand for a picked file without telling where it is', () => {
    const file = path.join(temporaryFolder(), 'pairs.jsonl');
    writeFileSync(file, '12345');
    const tokens = new FileTokens();
    const picked = tokens.issue(file);
    expect(picked).toMatchObject({ name: 'pairs.jsonl', displayPath: file, bytes: 5 });
    expect(picked.token).toMatch(/^[0-9a-f]{32}$/);
    expect(tokens.path(picked.token)).toBe(file);
    expect(tokens.issue(file).token).not.toBe(picked.token);
  });

  it('stand for folders, and for what is not there yet', () => {
    const folder = temporaryFolder();
    expect(new FileTokens().issue(folder)).toMatchObject({ bytes: 0 });
    expect(new FileTokens().issue(path.join(folder, 'none'))).toMatchObject({ name: 'none', bytes: 0 });
  });

  it('of another session, or made up, open nothing', () => {
    const { token } = new FileTokens().issue('/etc/passwd');
    for (const foreign of [token, '/etc/passwd' as FileToken, '' as FileToken])
      expect(() => new FileTokens().path(foreign)).toThrow(/not picked in this session/);
  });
});
