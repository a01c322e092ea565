import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppUnderTest } from './support/app';
import { sampo } from './support/cli';

// What the window itself promises: it stands where it stood, has a menu, and lets the page do nothing it must not.

let app: AppUnderTest | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

describe('the window', () => {
  it('comes back where it was', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'sampo-window-'));
    app = await AppUnderTest.start(home);
    const wanted = { x: 40, y: 30, width: 1010, height: 720 };
    await app.app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]!.setBounds(bounds), wanted);
    const bounds = (): Promise<object> =>
      app!.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());
    await expect.poll(bounds).toEqual(wanted);
    await app.close();
    app = await AppUnderTest.start(home);
    expect(await bounds()).toEqual(wanted);
  });

  it('pauses the run at work with a checkpoint when Ctrl-C reaches everything in its terminal, and npm passes it on', async () => {
    app = await AppUnderTest.start();
    const { page, home } = app;
    const ask = <T>(channel: string, input: unknown): Promise<T> =>
      page.evaluate(
        async ([c, i]) =>
          (
            await (
              globalThis as never as { sampo: { request(channel: unknown, input: unknown): Promise<{ value: never }> } }
            ).sampo.request(c, i)
          ).value,
        [channel, input] as const,
      );
    const [id] = await ask<string[]>('runs:sample', undefined);
    await expect
      .poll(async () => (await ask<{ run: { progress: { step: number } } }>('runs:get', { id })).run.progress.step)
      .toBeGreaterThan(2);
    const child = app.app.process();
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve([code, signal])));
    process.kill(-child.pid!, 'SIGINT');
    await page.waitForTimeout(20).catch(() => undefined);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    const shown = (await sampo(home, ['runs', 'show', id!])).json<{
      run: { status: string; progress: { step: number }; error: unknown };
      checkpoints: { step: number; path: string }[];
    }>();
    expect(shown.run).toMatchObject({ status: 'paused', error: null });
    expect(shown.checkpoints.at(-1)?.step).toBe(shown.run.progress.step);
    expect(existsSync(shown.checkpoints.at(-1)!.path)).toBe(true);
    app = null;
  });

  it('comes back when its page crashes', async () => {
    app = await AppUnderTest.start();
    const { app: electron } = app;
    await electron.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => {
          const { webContents } = BrowserWindow.getAllWindows()[0]!;
          webContents.once('did-finish-load', () => resolve());
          webContents.forcefullyCrashRenderer();
        }),
    );
    await expect
      .poll(() =>
        electron.evaluate(
          ({ BrowserWindow }) =>
            BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(
              'document.querySelector("#root > *") !== null',
            ) as Promise<boolean>,
        ),
      )
      .toBe(true);
  }, 30_000);

  it('has a menu with Help', async () => {
    app = await AppUnderTest.start();
    const labels = await app.app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()!.items.map(
        (item) => [item.role?.toLowerCase() ?? '', item.submenu?.items.map((inner) => inner.label) ?? []] as const,
      ),
    );
    expect(labels.map(([role]) => role)).toEqual(
      expect.arrayContaining(['filemenu', 'editmenu', 'windowmenu', 'help']),
    );
    expect(labels.find(([role]) => role === 'help')![1]).toEqual(
      expect.arrayContaining(['User guide', 'Open data folder', 'Show log', 'Save diagnostics…']),
    );
  });

  it('keeps the page in its box', async () => {
    app = await AppUnderTest.start();
    const { page } = app;
    const preferences = await app.app.evaluate(({ BrowserWindow }) => {
      const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = (
        BrowserWindow.getAllWindows()[0]!.webContents as never as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(
      await page.evaluate(() => [
        typeof (globalThis as { require?: unknown }).require,
        typeof (globalThis as { process?: unknown }).process,
      ]),
    ).toEqual(['undefined', 'undefined']);
    expect(await page.evaluate('window.open("http://example.invalid/") === null')).toBe(true);
    await page.evaluate('location.href = "file:///etc/passwd"');
    await page.waitForTimeout(300);
    expect(page.url()).toMatch(/^app:\/\/sampo\//);
    expect(
      await page.evaluate('document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content ?? ""'),
    ).toMatch(/default-src 'none'|default-src 'self'/);
    expect(
      await page.evaluate('fetch("app://sampo/").then((answer) => answer.headers.get("content-security-policy"))'),
    ).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(await page.evaluate('fetch("https://example.invalid/").then(() => "went out", (e) => e.name)')).toBe(
      'TypeError',
    );
    expect(
      await page.evaluate('navigator.permissions.query({ name: "geolocation" }).then((found) => found.state)'),
    ).toBe('denied');
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied');
    const asked = 'navigator.mediaDevices.getUserMedia({ audio: true }).then(() => "given", (e) => e.name)';
    expect(await page.evaluate(asked)).toMatch(/NotAllowedError|NotFoundError/);
    // where the page's policy does not reach: another page in the same session
    const loaded = await app.app.evaluate(async ({ BrowserWindow }) => {
      // a window each: the end of a refused load may reach the next one's promise
      const load = async (url: string): Promise<string> => {
        const other = new BrowserWindow({ show: false });
        const end = await other.loadURL(url).then(
          () => 'loaded',
          (e: { readonly code?: string }) => e.code ?? 'failed',
        );
        other.destroy();
        return end;
      };
      const all = [
        await load('file:///etc/hostname'),
        await load('http://127.0.0.1:9/'),
        await load('app://sampo/index.html'),
      ];
      return all;
    });
    expect(loaded).toEqual(['ERR_BLOCKED_BY_CLIENT', 'ERR_BLOCKED_BY_CLIENT', 'loaded']);
    const refused = await page.evaluate('sampo.request("files:path", {}).then(() => "answered", (e) => e.message)');
    expect(refused).toMatch(/no channel files:path/);
  });
});
