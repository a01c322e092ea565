import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';

/** The renderer is served from its own origin, app://sampo, and from nowhere else. */
export const appOrigin = 'app://sampo';

export const registerScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * As in the page itself (src-renderer/index.html); as a header it also holds for what the page cannot say of itself,
 * such as frames around it.
 */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

export function serveRenderer(): void {
  const root = path.join(__dirname, 'renderer');
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const file = path.normalize(
      path.join(root, decodeURIComponent(url.pathname === '/' ? '/index.html' : url.pathname)),
    );
    if (url.host !== 'sampo' || !file.startsWith(root + path.sep)) return new Response('not found', { status: 404 });
    try {
      return new Response(new Uint8Array(await readFile(file)), {
        headers: {
          'content-type': types[path.extname(file)] ?? 'application/octet-stream',
          'x-content-type-options': 'nosniff',
          'content-security-policy': contentSecurityPolicy,
        },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
}
