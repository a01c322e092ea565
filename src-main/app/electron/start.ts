import path from 'node:path';
import { app, dialog, ipcMain, Menu, nativeTheme, shell, type BrowserWindow, type WebFrameMain } from 'electron';
import { dropChannel, eventChannel, type Events } from '../../shared/ipc';
import type { Settings } from '../../shared/views';
import { acceptDrop } from '../dropped-file';
import { describeError } from '../errors';
import { EventBatches } from '../event-batches';
import { FileTokens } from '../file-tokens';
import { defaultHome, openFolders } from '../folders';
import { makeHandlers } from '../handlers';
import type { HandlerContext } from '../handlers/context';
import { addStarter } from '../handlers/library';
import { log } from '../log';
import type { RunEvents } from '../run-manager';
import { runView } from '../run-views';
import { openServices, type Services } from '../services';
import { answer, answerOwnPage, channels } from '../typed-ipc';
import { appOrigin, registerScheme, serveRenderer } from './app-protocol';
import { pickWith } from './dialogs';
import { KeepAwake } from './keep-awake';
import { menuTemplate, type MenuActions } from './menu';
import { utilityEngine } from './utility-engine';
import { openWindow, refuseTheRest } from './window';

/** Boots the app: one instance a home, store, handlers, window; and on the way out the run at work is saved. */
export function startApp(): void {
  const home = defaultHome();
  registerScheme();
  // before the lock, which lies in the same folder and fails without a word
  if (orLeave(() => openFolders(home)) === null) return;
  app.setPath('userData', home);
  if (!app.requestSingleInstanceLock()) return app.quit();
  let window: BrowserWindow | null = null;
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(() => {
    const batches = new EventBatches((batch) => window?.webContents.send(eventChannel, batch));
    const emit = <E extends keyof Events>(event: E, payload: Events[E]): void => {
      if (event === 'settings:changed') nativeTheme.themeSource = (payload as Settings).theme;
      if (window) batches.push(event, payload);
    };
    const services: Services | null = orLeave(() => openServices(home, utilityEngine, forwardRuns(() => services!, emit), (job) => emit('jobs:changed', { job })));
    if (services === null) return;
    serveRenderer();
    refuseTheRest();
    const context: HandlerContext = { services, tokens: new FileTokens(), emit, pick: pickWith(() => window), reveal: (file) => shell.showItemInFolder(file), appVersion: app.getVersion() };
    register(context);
    nativeTheme.themeSource = services.store.settings.get().theme;
    saveOnQuit(services);
    Menu.setApplicationMenu(Menu.buildFromTemplate([...menuTemplate(process.platform === 'darwin', menuActions(home))]));
    window = openWindow(path.join(home, 'window.json'));
    window.on('closed', () => {
      window = null;
      services.jobs.cancelAll();
      batches.stop();
    });
    void addStarter(services).then(
      (added) => {
        if (!added) return;
        emit('models:changed', { reason: 'starter' });
        emit('datasets:changed', { reason: 'starter' });
      },
      (thrown: unknown) => log.error('app', 'the starter content could not be added', thrown),
    );
  });
}

/** Without its folder and database there is nothing to show: says what is wrong, and ends. */
function orLeave<T>(open: () => T): T | null {
  try {
    return open();
  } catch (thrown) {
    const { message, hint } = describeError(thrown);
    log.error('app', 'it cannot start', thrown);
    void app.whenReady().then(() => {
      dialog.showErrorBox('SamPO Studio cannot start', `${message}\n\n${hint}`);
      app.exit(exitCodeRefused);
    });
    return null;
  }
}

/** As the command line's. */
const exitCodeRefused = 2;

const menuActions = (home: string): MenuActions => ({
  openDataFolder: () => void shell.openPath(home),
  openGuide: () => void shell.openPath(path.join(app.isPackaged ? process.resourcesPath : app.getAppPath(), 'README.md')),
  openPaper: () => void shell.openExternal('https://arxiv.org/abs/2406.10957'),
});

function register(context: HandlerContext): void {
  const handlers = makeHandlers(context);
  for (const channel of channels) ipcMain.handle(channel, (event, input: unknown) => answer(handlers, channel, isOwnPage(event.senderFrame), input));
  ipcMain.handle(dropChannel, (event, dropped: unknown) => answerOwnPage(isOwnPage(event.senderFrame), () => acceptDrop(context.tokens, dropped)));
}

const isOwnPage = (frame: WebFrameMain | null): boolean => frame !== null && frame.parent === null && frame.url.startsWith(`${appOrigin}/`);

/** Stored changes of runs, as events of the window. */
function forwardRuns(services: () => Services, emit: HandlerContext['emit']): RunEvents {
  const awake = new KeepAwake();
  return {
    changed: (run) => {
      awake.see(run);
      emit('runs:changed', { run: runView(services().store, run) });
    },
    removed: (id) => emit('runs:removed', { id }),
    metrics: ({ runId, seq, points, pairs, profile }) => emit('runs:metrics', { runId, seq, points, pairs, profile }),
    probe: (runId, sample) => emit('runs:probe', { runId, sample }),
    checkpoint: () => undefined, // the run itself changes with it
    problem: () => undefined,
  };
}

/** Closing the app pauses the run at work with a checkpoint; it can be resumed later. */
function saveOnQuit({ runs, close }: Services): void {
  let state: 'open' | 'saving' | 'saved' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'saved') return;
    event.preventDefault();
    if (state === 'saving') return;
    state = 'saving';
    void runs
      .shutDown()
      .catch((thrown: unknown) => log.error('app', 'the run at work could not be saved', thrown))
      .then(() => {
        state = 'saved';
        close();
        app.quit();
      });
  });
  // One Ctrl-C arrives several times (the terminal, npm and our starter pass it on), and Electron itself is patient only once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
}
