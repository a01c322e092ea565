import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow, refuseTheRest } from '../../../../../src-main/app/electron/window';
import { LogFile, openLog } from '../../../../../src-main/app/log-file';
import { logTo } from '../../../../../src-main/shared/log';
import { app, dialog, type FakeWindow, shell } from '../../../support/fake-electron';
import { temporaryFolder } from '../../../support/runs';
import { EventEmitter } from 'node:events';

vi.mock('electron', () => import('../../../support/fake-electron'));
afterEach(() => {
  logTo(null);
  vi.restoreAllMocks();
  vi.clearAllMocks();
  app.removeAllListeners();
});
const open = (folder = temporaryFolder()): FakeWindow =>
  openWindow(path.join(folder, 'window.json')) as unknown as FakeWindow;

describe('the window', () => {
  it('has a page of the app’s own, and no more rights than it needs', () => {
    const window = open();
    expect(window.options).toEqual({
      width: 1280,
      height: 860,
      minWidth: 900,
      minHeight: 600,
      show: false,
      backgroundColor: '#00000000',
      title: 'SamPO Studio',
      webPreferences: {
        preload: expect.stringMatching(/preload\.cjs$/) as string,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        devTools: true, // a checkout; a release has none
      },
    });
    expect(window.loadURL.mock.calls).toEqual([['app://sampo/']]);
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect([window.show.mock.calls.length, window.maximize.mock.calls.length]).toEqual([1, 0]);
  });

  it('closes although its place cannot be kept', () => {
    const log = new LogFile(temporaryFolder());
    openLog(log);
    const window = open('/proc/nowhere');
    expect(() => window.emit('close')).not.toThrow();
    expect(log.tail(99).join('\n')).toMatch(/error \[\d+ window\] its place could not be kept: /);
  });

  it.each([
    ['info', []],
    ['debug', ['debug page: chatter', 'debug page: older chatter']],
  ])('keeps warnings and errors of its page in the log, and at %s %j more', (level, chatter) => {
    const log = new LogFile(temporaryFolder());
    openLog(log, level);
    const { webContents } = open();
    webContents.emit('console-message', { level: 'error', message: 'an error' });
    webContents.emit('console-message', { level: 'warning', message: 'a warning' });
    webContents.emit('console-message', { level: 'info', message: 'chatter' });
    webContents.emit('console-message', {}, 3, 'an older error');
    webContents.emit('console-message', {}, 2, 'an older warning');
    webContents.emit('console-message', {}, 1, 'older chatter');
    const lines = readFileSync(log.file, 'utf8').trim().split('\n');
    const told = lines.map((line) => line.replace(/^\S+ (\w+) +\[\d+ (\w+)\] /, '$1 $2: '));
    expect(told.filter((line) => !line.startsWith('debug'))).toEqual([
      'error page: an error',
      'warn page: a warning',
      'error page: an older error',
      'warn page: an older warning',
    ]);
    expect(told.filter((line) => line.startsWith('debug'))).toEqual(chatter);
  });

  it.each([
    [9_999, 1, 1],
    [10_000, 2, 0],
  ])('whose page ends again %i ms later is loaded %i times, with %i words', (later, loads, words) => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const window = open();
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    clock.mockReturnValue(1_000_000 + later);
    window.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect([window.reload.mock.calls.length, dialog.showErrorBox.mock.calls.length]).toEqual([loads, words]);
    if (words > 0)
      expect(dialog.showErrorBox.mock.lastCall![1]).toMatch(/twice in a row \(oom\)[\s\S]*A run at work goes on/);
  });
});

describe('a page', () => {
  const contents = () => {
    refuseTheRest();
    const made = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: vi.fn<(handler: (details: { url: string }) => unknown) => void>(),
    });
    app.emit('web-contents-created', {}, made);
    return made;
  };

  it.each([
    ['app://sampo/runs', false],
    ['app://sampo.evil/', true],
    ['https://arxiv.org/', true],
    ['file:///etc/passwd', true],
  ])('that goes to %s is kept from it: %s', (url, kept) => {
    const event = { preventDefault: vi.fn() };
    contents().emit('will-navigate', event, url);
    expect(event.preventDefault).toHaveBeenCalledTimes(kept ? 1 : 0);
  });

  it('has no page within', () => {
    const event = { preventDefault: vi.fn() };
    contents().emit('will-attach-webview', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });

  it.each([
    ['https://arxiv.org/abs/1', true],
    ['http://arxiv.org/', false],
    ['file:///x', false],
    ['javascript:https://x', false],
  ])('opens no window for %s; the browser shows it: %s', (url, shown) => {
    const handler = contents().setWindowOpenHandler.mock.lastCall![0];
    expect(handler({ url })).toEqual({ action: 'deny' });
    expect(shell.openExternal.mock.calls).toEqual(shown ? [[url]] : []);
  });
});
