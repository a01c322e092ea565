import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  contentSecurityPolicy,
  registerScheme,
  serveRenderer,
} from '../../../../../src-main/app/electron/app-protocol';
import { protocol } from '../../../support/fake-electron';

vi.mock('electron', () => import('../../../support/fake-electron'));

// The pages lie beside the bundle; here beside the source, where no test should write. All else can be read too: only
// the handler keeps it back.
const root = path.join(import.meta.dirname, '../../../../../src-main/app/electron/renderer');
const missing = path.join(root, 'nothing.js');
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  readFile: (file: string) =>
    file === missing
      ? Promise.reject(new Error('ENOENT'))
      : Promise.resolve(Buffer.from(`content of ${path.relative(root, file)}`)),
}));

const ask = async (url: string): Promise<Response> => {
  serveRenderer();
  const [scheme, handler] = protocol.handle.mock.lastCall as [string, (request: { url: string }) => Promise<Response>];
  expect(scheme).toBe('app');
  return handler({ url });
};

describe('the app’s own origin', () => {
  it('is a standard, secure one that may fetch', () => {
    registerScheme();
    expect(protocol.registerSchemesAsPrivileged.mock.calls).toEqual([
      [[{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]],
    ]);
  });

  it.each([
    ['app://sampo/', 'index.html', 'text/html; charset=utf-8'],
    ['app://sampo/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['app://sampo/index.js', 'index.js', 'text/javascript; charset=utf-8'],
    ['app://sampo/a%20b.js?v=1', 'a b.js', 'text/javascript; charset=utf-8'],
    ['app://sampo/index.css', 'index.css', 'text/css; charset=utf-8'],
    ['app://sampo/index.js.map', 'index.js.map', 'application/json'],
    ['app://sampo/a.svg', 'a.svg', 'image/svg+xml'],
    ['app://sampo/a.png', 'a.png', 'image/png'],
    ['app://sampo/a.woff2', 'a.woff2', 'font/woff2'],
    ['app://sampo/a.bin', 'a.bin', 'application/octet-stream'],
  ])('serves %s as %s, which is %s', async (url, file, type) => {
    const response = await ask(url);
    expect([response.status, await response.text()]).toEqual([200, `content of ${file}`]);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'content-security-policy': contentSecurityPolicy,
    });
  });

  it.each([
    'app://sampo/nothing.js',
    'app://other/index.html',
    'app://sampo/..%2fwindow.ts',
    'app://sampo/..%2f..%2f..%2fpackage.json',
    'app://sampo/%2e%2e%2frenderer.secret',
  ])('has nothing at %s', async (url) => {
    const response = await ask(url);
    expect([response.status, await response.text()]).toEqual([404, 'not found']);
  });

  it('allows only itself', () => {
    const rules = Object.fromEntries(contentSecurityPolicy.split('; ').map((rule) => rule.split(/ (.*)/).slice(0, 2)));
    expect(rules).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data: blob:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'object-src': "'none'",
    });
  });
});
