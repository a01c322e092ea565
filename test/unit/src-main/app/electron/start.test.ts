import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startApp } from '../../../../../src-main/app/electron/start';
import { channels } from '../../../../../src-main/app/electron/typed-ipc';
import { dropChannel } from '../../../../../src-main/shared/ipc/contract';
import {
  app,
  dialog,
  FakeWindow,
  ipcMain,
  Menu,
  nativeTheme,
  protocol,
  session,
  shell,
} from '../../../support/fake-electron';
import { openServices } from '../../../../../src-main/app/services';
import { openStore } from '../../../../../src-main/store';
import { anyRun, temporaryFolder } from '../../../support/runs';

vi.mock('electron', () => import('../../../support/fake-electron'));

let home: string;
beforeEach(() => {
  home = path.join(temporaryFolder(), 'home');
  vi.stubEnv('SAMPO_HOME', home);
});
afterEach(async () => {
  app.emit('before-quit', { preventDefault: () => undefined });
  await turn();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.clearAllMocks();
  app.removeAllListeners();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  FakeWindow.all.length = 0;
});
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** What the first window was told, in batches. */
const sent = (): readonly unknown[] => FakeWindow.all[0]!.webContents.send.mock.calls.flatMap(([, batch]) => batch);

describe('the app', () => {
  it('answers every channel and opens one sandboxed window', async () => {
    startApp();
    await turn();
    expect(dialog.showErrorBox).not.toHaveBeenCalled();
    expect(ipcMain.handle.mock.calls.map(([channel]) => channel)).toEqual([...channels, dropChannel]);
    expect(FakeWindow.all).toHaveLength(1);
    expect(FakeWindow.all[0]!.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    });
  });

  it('gives a page no permission and nothing from the network or the disk', async () => {
    startApp();
    await turn();
    const { setPermissionRequestHandler, setPermissionCheckHandler, webRequest } = session.defaultSession;
    const decided: unknown[] = [];
    for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read']) {
      setPermissionRequestHandler.mock.lastCall![0](null, permission, (answer) => decided.push(answer));
    }
    expect(decided).toEqual([false, false, false, false, false]);
    expect(setPermissionCheckHandler.mock.lastCall![0]()).toBe(false);
    const isCancelled = (url: string): unknown => {
      let answer: unknown;
      webRequest.onBeforeRequest.mock.lastCall![0](
        { url },
        (given) => (answer = (given as { readonly cancel: boolean }).cancel),
      );
      return answer;
    };
    const refused = [
      'https://example.com/',
      'http://127.0.0.1/',
      'FILE:///etc/passwd',
      'ws://a/',
      'ftp://a/',
      'chrome://gpu',
      '',
    ];
    expect(refused.map(isCancelled)).toEqual(refused.map(() => true));
    expect(['app://sampo/index.js', 'data:image/png;base64,', 'blob:app://sampo/1'].map(isCancelled)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('makes its origin known before it is ready, and its home its own', async () => {
    startApp();
    expect(protocol.registerSchemesAsPrivileged).toHaveBeenCalledOnce();
    expect(app.setPath.mock.calls).toEqual([['userData', home]]);
    await turn();
    expect(protocol.handle).toHaveBeenCalledOnce();
  });

  it('has the theme that was chosen, at once and when it is changed', async () => {
    const services = openServices(home, () => {
      throw new Error('no engine');
    });
    services.store.settings.set({ theme: 'dark' });
    services.close();
    startApp();
    await turn();
    expect(nativeTheme.themeSource).toBe('dark');
    const page = { senderFrame: { parent: null, url: 'app://sampo/' } };
    const [, set] = ipcMain.handle.mock.calls.find(([channel]) => channel === 'settings:set')!;
    await set(page, { theme: 'light' });
    expect(nativeTheme.themeSource).toBe('light');
    await expect.poll(sent).toContainEqual(['settings:changed', expect.objectContaining({ theme: 'light' })]);
  });

  it.each([
    ['its own page', { parent: null, url: 'app://sampo/index.html' }, true],
    ['a frame in it', { parent: {}, url: 'app://sampo/' }, false],
    ['another page', { parent: null, url: 'https://app.sampo/' }, false],
    ['one of a like name', { parent: null, url: 'app://sampo.evil/' }, false],
    ['nobody', null, false],
  ])('answers %s: %s', async (_who, senderFrame, isAnswered) => {
    startApp();
    await turn();
    for (const [channel, input] of [
      ['app:methods', undefined],
      [dropChannel, path.join(home, 'x')],
    ] as const) {
      const [, ask] = ipcMain.handle.mock.calls.find(([name]) => name === channel)!;
      const result = (await ask({ senderFrame }, input)) as { ok: boolean; error?: { code: string; message: string } };
      const isForeign = /did not come from the app’s own page/.test(result.error?.message ?? '');
      expect(isForeign).toBe(!isAnswered);
    }
  });

  it('does what its menu says', async () => {
    startApp();
    await turn();
    const menu = Menu.setApplicationMenu.mock.lastCall![0] as { submenu?: { id?: string; click: () => void }[] }[];
    const click = (id: string): void =>
      menu
        .at(-1)!
        .submenu!.find((item) => item.id === id)!
        .click();
    expect(menu.map((item) => (item as { role?: string }).role === 'appMenu').includes(true)).toBe(
      process.platform === 'darwin',
    );
    for (const id of ['data-folder', 'guide', 'paper', 'log', 'diagnostics']) click(id);
    expect(shell.openPath.mock.calls).toEqual([[home], [path.join('/app', 'README.md')]]);
    expect(shell.showItemInFolder.mock.calls).toEqual([[path.join(home, 'logs', 'sampo.log')]]);
    expect(shell.openExternal.mock.calls).toEqual([['https://arxiv.org/abs/2406.10957']]);
    const [window] = FakeWindow.all;
    expect(window!.focus).toHaveBeenCalledOnce();
    await expect.poll(sent).toContainEqual(['app:show', { what: 'diagnostics' }]);
  });

  it('quits when its last window is closed, and shows one when it is activated', async () => {
    startApp();
    await turn();
    FakeWindow.all[0]!.emit('closed');
    app.emit('activate');
    expect(FakeWindow.all).toHaveLength(2);
    expect(app.quit).not.toHaveBeenCalled();
    app.emit('window-all-closed');
    expect(app.quit).toHaveBeenCalledOnce();
  });

  it('keeps the place of its window until the next start', async () => {
    startApp();
    await turn();
    const [first] = FakeWindow.all;
    expect(first!.options).toMatchObject({ width: 1280, height: 860 });
    Object.assign(first!, { bounds: { x: 10, y: 20, width: 1000, height: 700 }, isMax: true });
    first!.emit('close');
    startApp();
    await turn();
    const second = FakeWindow.all[1]!;
    expect(second.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    second.emit('ready-to-show');
    expect(second.maximize).toHaveBeenCalledOnce();
    expect(second.show).toHaveBeenCalledOnce();
  });

  it('saves once before it quits, however often it is asked to', async () => {
    const before = process.listenerCount('SIGINT');
    startApp();
    await turn();
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    const preventDefault = vi.fn();
    for (let times = 0; times < 3; times++) app.emit('before-quit', { preventDefault });
    expect([preventDefault.mock.calls.length, app.quit.mock.calls.length]).toEqual([3, 0]);
    await turn();
    expect(app.quit).toHaveBeenCalledOnce();
    app.emit('before-quit', { preventDefault });
    expect(preventDefault).toHaveBeenCalledTimes(3); // now it may
  });

  it('loads its page again after a crash, but not for ever', async () => {
    startApp();
    await turn();
    const [window] = FakeWindow.all;
    const crash = (reason: string): void => void window!.webContents.emit('render-process-gone', {}, { reason });
    crash('clean-exit');
    expect(window!.reload).not.toHaveBeenCalled();
    crash('oom');
    crash('oom');
    expect(window!.reload).toHaveBeenCalledOnce();
    expect(dialog.showErrorBox).toHaveBeenCalledOnce();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    crash('crashed');
    expect(window!.reload).toHaveBeenCalledTimes(2);
  });

  it('comes to the front when it is started again', async () => {
    startApp();
    await turn();
    const [window] = FakeWindow.all;
    window!.isMinimized.mockReturnValueOnce(true);
    app.emit('second-instance');
    expect([
      window!.restore.mock.calls.length,
      window!.show.mock.calls.length,
      window!.focus.mock.calls.length,
    ]).toEqual([1, 1, 1]);
  });

  it('opens a window when it is started again and there is none', async () => {
    startApp();
    await turn();
    FakeWindow.all[0]!.emit('closed');
    app.emit('second-instance');
    expect(FakeWindow.all).toHaveLength(2);
  });

  it('starts again after its end when that is asked while it closes', async () => {
    startApp();
    await turn();
    app.emit('before-quit', { preventDefault: () => undefined });
    expect(app.relaunch).not.toHaveBeenCalled();
    for (let times = 0; times < 2; times++) app.emit('second-instance');
    expect(app.relaunch).toHaveBeenCalledOnce();
    expect(FakeWindow.all).toHaveLength(1);
  });

  it('is one a home: a second one leaves at once', async () => {
    app.requestSingleInstanceLock.mockReturnValueOnce(false);
    startApp();
    await turn();
    expect(app.quit).toHaveBeenCalledOnce();
    expect(FakeWindow.all).toEqual([]);
  });

  it.each([
    [
      'its database is damaged',
      () => {
        mkdirSync(home);
        writeFileSync(path.join(home, 'sampo.sqlite'), 'no rows '.repeat(200));
      },
      /run history .*sampo\.sqlite is damaged or not a database/,
      /history restore/,
    ],
    ['its folder is a file', () => writeFileSync(home, 'x'), /data folder .* cannot be used: .* is a file/, /--home/],
    [
      'its folder cannot be made',
      () => {
        writeFileSync(home, 'x');
        vi.stubEnv('SAMPO_HOME', path.join(home, 'inside'));
      },
      /data folder .*inside cannot be used: .*home is a file/,
      /--home/,
    ],
    [
      'its folder lies where none can be made',
      () => vi.stubEnv('SAMPO_HOME', process.platform === 'linux' ? '/proc/nowhere' : path.join(home, '\0')),
      /data folder .* cannot be used/,
      /--home/,
    ],
    ['a level of the log is none', () => vi.stubEnv('SAMPO_LOG', 'loud'), /SAMPO_LOG is loud/, /Known: debug, info/],
    ['an engine is none', () => vi.stubEnv('SAMPO_ENGINE', 'pjrt'), /SAMPO_ENGINE is pjrt/, /Known: auto, tensorflow/],
  ] as const)('says what is wrong and what to do where %s, and ends', async (_what, spoil, message, hint) => {
    spoil();
    startApp();
    await turn();
    expect(dialog.showErrorBox).toHaveBeenCalledOnce();
    const [title, content] = dialog.showErrorBox.mock.calls[0]!;
    expect(title).toMatch(/cannot start/);
    expect(content).toMatch(message);
    expect(content).toMatch(hint);
    expect(app.exit).toHaveBeenCalledWith(2);
    expect(FakeWindow.all).toEqual([]);
    expect(ipcMain.handle).not.toHaveBeenCalled();
  });

  it('asks about a damaged database, and goes on with the backup or an empty one', async () => {
    const services = openServices(home, () => {
      throw new Error('no engine');
    });
    services.store.runs.insert(anyRun({ name: 'kept' }));
    services.close(); // with the first backup
    const file = path.join(home, 'sampo.sqlite');
    for (const [answer, runs] of [
      [0, 1],
      [1, 0],
    ] as const) {
      writeFileSync(file, 'no rows '.repeat(200));
      rmSync(`${file}-wal`, { force: true });
      dialog.showMessageBoxSync.mockReturnValueOnce(answer);
      startApp();
      await turn();
      expect(dialog.showMessageBoxSync.mock.lastCall?.[0].buttons).toEqual([
        expect.stringMatching(/^Put back the backup of /),
        'Start with an empty history',
        'Quit',
      ]);
      expect(dialog.showErrorBox).not.toHaveBeenCalled();
      app.emit('before-quit', { preventDefault: () => undefined });
      await turn();
      const store = openStore(file);
      expect(store.runs.list()).toHaveLength(runs);
      store.close();
      app.removeAllListeners();
    }
    const aside = readdirSync(home).filter((name) => /^sampo-set-aside-.*\.sqlite$/.test(name));
    expect(aside.map((name) => readFileSync(path.join(home, name), 'utf8').slice(0, 7))).toEqual([
      'no rows',
      'no rows',
    ]);
  });

  it('leaves a damaged database as it is', async () => {
    mkdirSync(home);
    const file = path.join(home, 'sampo.sqlite');
    writeFileSync(file, 'no rows '.repeat(200));
    startApp();
    await turn();
    expect(readFileSync(file, 'utf8')).toBe('no rows '.repeat(200));
    rmSync(home, { recursive: true });
  });
});
