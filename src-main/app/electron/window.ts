import path from 'node:path';
import { app, BrowserWindow, dialog, screen, session, shell, type WebContents } from 'electron';
import { readWindowState, smallestWindow, writeWindowState } from './window-state';
import { isRelease } from '../../shared/build-kind';
import { log } from '../../shared/log';
import { appOrigin } from './app-protocol';

/**
 * The one window. All that a page may not do is refused here: new windows, navigation, permissions, web views, other
 * places.
 */
export function openWindow(stateFile: string): BrowserWindow {
  const { bounds, size, isMaximized } = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(bounds ?? size),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    backgroundColor: '#00000000',
    title: 'SamPO Studio',
    webPreferences: {
      preload: path.join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: !isRelease,
    },
  });
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    try {
      writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized());
    } catch (thrown) {
      log.error('window', 'its place could not be kept', thrown); // on a full disk, say: no reason to stay open
    }
  });
  void window.loadURL(`${appOrigin}/`);
  keepConsole(window.webContents);
  reloadAfterCrash(window);
  return window;
}

/** What the page says, into the log: its chatter at `debug` only. Older Electrons tell it in arguments of their own. */
function keepConsole(contents: WebContents): void {
  contents.on(
    'console-message',
    (told: { readonly level?: unknown; readonly message?: unknown }, ...older: unknown[]) => {
      const [level, message] = typeof told.message === 'string' ? [told.level, told.message] : older;
      if (level === 'error' || level === 3) log.error('page', String(message));
      else if (level === 'warning' || level === 2) log.warn('page', String(message));
      else log.debug('page', String(message));
    },
  );
}

/**
 * All state is main's, so a page that crashed is simply loaded again; one that crashes again at once would only do so
 * for ever.
 */
function reloadAfterCrash(window: BrowserWindow): void {
  const soonMs = 10_000;
  let crashedAt = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log.error('window', `the page ended: ${reason}`);
    const isAgain = Date.now() - crashedAt < soonMs;
    crashedAt = Date.now();
    if (isAgain)
      dialog.showErrorBox(
        'The window stopped working',
        `Its page ended twice in a row (${reason}).\n\nA run at work goes on. Close the window to save it and ` +
          'quit, then start SamPO Studio again.',
      );
    else window.reload();
  });
}

export function refuseTheRest(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  // beside the page's own policy: whatever asks, nothing is fetched from the network or the disk
  session.defaultSession.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isOwnRequest(url) }));
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-navigate', (event, url) => {
      if (!url.startsWith(`${appOrigin}/`)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (/^https:\/\//.test(url)) void shell.openExternal(url); // links to papers open in the browser
      return { action: 'deny' };
    });
  });
}

const ownSchemes: ReadonlySet<string> = new Set(['app:', 'data:', 'blob:', ...(isRelease ? [] : ['devtools:'])]);
const isOwnRequest = (url: string): boolean => ownSchemes.has(/^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '');
