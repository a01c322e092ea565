import { describe, expect, it } from 'vitest';
import { redact } from '../../../../src-main/app/redact';

describe('what goes into a log', () => {
  it.each([
    ['a Hugging Face token', 'token hf_AbCdEfGhIjKlMnOp was refused', 'hf_AbCdEfGhIjKlMnOp'],
    ['an API key', 'key sk-proj-abcdefghijklmnop', 'abcdefghijklmnop'],
    ['a header', 'Authorization: Bearer abc.def.ghi-jkl', 'abc.def.ghi-jkl'],
    ['a query', 'GET /?api_key=0123456789abcdef&x=1', '0123456789abcdef'],
    ['JSON', '{"access_token": "0123456789abcdef"}', '0123456789abcdef'],
    ['an address with a password', 'https://me:pass1234@example.org/', 'pass1234'],
    ['a signed token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0'],
    [
      'a row that is no JSON',
      `SyntaxError: Unexpected token 'h', "how do I tell my boss" is not valid JSON`,
      'my boss',
    ],
    ['a long row that is no JSON', `Unexpected token 'h', ..."I tell my boss that"... is not valid JSON`, 'my boss'],
  ])('has no secret of %s', (_what, text, secret) => {
    expect(text).toContain(secret);
    expect(redact(text)).not.toContain(secret);
  });

  it('names the home folder by ~ alone', () => {
    expect(redact('/home/ada/.config/SamPO Studio and /home/ada', '/home/ada')).toBe('~/.config/SamPO Studio and ~');
    expect(redact('/a/b', '/')).toBe('/a/b');
  });

  it('keeps what is none: counts of tokens, ids, paths and messages of libraries', () => {
    for (const text of [
      'max tokens: 128',
      'run r_0a1b2c3d4e is running at step 7',
      '2024-01-01 W tensorflow/core/framework/op_kernel.cc:1780] OP_REQUIRES failed',
      '/data/pairs.jsonl',
    ])
      expect(redact(text)).toBe(text);
  });
});
