import path from 'node:path';
import { app, dialog, ipcMain, Menu, nativeTheme, shell, type BrowserWindow, type WebFrameMain } from 'electron';
import { isRelease } from '../../shared/build-kind';
import { dropChannel, eventChannel, type Events } from '../../shared/ipc/contract';
import type { Settings } from '../../shared/views/app';
import { listBackups, restoreBackup, setAside } from '../../store/backups';
import { acceptDrop } from '../dropped-file';
import { describeError } from '../errors';
import { EventBatches } from './event-batches';
import { FileTokens } from '../file-tokens';
import { defaultHome, openFolders, type Folders } from '../folders';
import { makeHandlers } from '../handlers';
import type { HandlerContext } from '../handlers/context';
import { addStarter } from '../handlers/library';
import { log } from '../../shared/log';
import { LogFile } from '../log-file';
import type { RunEvents } from '../runs/run-events';
import { runView } from '../runs/run-views';
import { openServices, type Services } from '../services';
import { answer, answerOwnPage, channels } from './typed-ipc';
import { appOrigin, registerScheme, serveRenderer } from './app-protocol';
import { Closing } from './closing';
import { askRescue, pickTargetWith, pickWith } from './dialogs';
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
  let closing: Closing | null = null;
  let show: () => void = () => undefined;
  app.on('second-instance', () => {
    if (closing?.isUnderWay()) closing.startAgainAfterwards();
    show();
  });
  app.on('activate', () => show());
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(() => {
    const batches = new EventBatches((batch) => window?.webContents.send(eventChannel, batch));
    const emit = <E extends keyof Events>(event: E, payload: Events[E]): void => {
      if (event === 'settings:changed') nativeTheme.themeSource = (payload as Settings).theme;
      if (window) batches.push(event, payload);
    };
    const services: Services | null = orLeave(() =>
      openOrRescue(home, () =>
        openServices(
          home,
          utilityEngine,
          forwardRuns(() => services!, emit),
          (job) => emit('jobs:changed', { job }),
        ),
      ),
    );
    if (services === null) return;
    serveRenderer();
    refuseTheRest();
    const leaving = (closing = new Closing(services, (view) => emit('app:closing', view)));
    const current = (): BrowserWindow | null => window;
    const context: HandlerContext = {
      services,
      tokens: new FileTokens(),
      emit,
      pick: pickWith(current),
      pickTarget: pickTargetWith(current),
      reveal: (file) => shell.showItemInFolder(file),
      endNow: () => leaving.endNow(),
      appVersion: app.getVersion(),
    };
    register(context);
    nativeTheme.themeSource = services.store.settings.get().theme;
    const showDiagnostics = (): void => {
      show();
      emit('app:show', { what: 'diagnostics' });
    };
    Menu.setApplicationMenu(
      Menu.buildFromTemplate([
        ...menuTemplate(process.platform === 'darwin', menuActions(services.folders, showDiagnostics), isRelease),
      ]),
    );
    show = () => {
      if (window) return comeForward(window);
      if (leaving.isUnderWay()) return;
      window = openWindow(path.join(home, 'window.json'));
      leaving.watch(window);
      window.on('closed', () => {
        window = null;
        services.jobs.cancelAll();
        batches.stop();
      });
    };
    show();
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

const menuActions = ({ home, logs }: Folders, showDiagnostics: () => void): MenuActions => ({
  openDataFolder: () => void shell.openPath(home),
  showLog: () => shell.showItemInFolder(new LogFile(logs).file),
  showDiagnostics,
  openGuide: () =>
    void shell.openPath(path.join(app.isPackaged ? process.resourcesPath : app.getAppPath(), 'README.md')),
  openPaper: () => void shell.openExternal('https://arxiv.org/abs/2406.10957'),
});

function register(context: HandlerContext): void {
  const handlers = makeHandlers(context);
  for (const channel of channels)
    ipcMain.handle(channel, (event, input: unknown) => answer(handlers, channel, isOwnPage(event.senderFrame), input));
  ipcMain.handle(dropChannel, (event, dropped: unknown) =>
    answerOwnPage(isOwnPage(event.senderFrame), () => acceptDrop(context.tokens, dropped)),
  );
}

const isOwnPage = (frame: WebFrameMain | null): boolean =>
  frame !== null && frame.parent === null && frame.url.startsWith(`${appOrigin}/`);

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

function comeForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** A damaged history is no end: a backup or an empty one takes its place, where a person says so. */
function openOrRescue(home: string, open: () => Services): Services {
  try {
    return open();
  } catch (thrown) {
    const error = describeError(thrown);
    if (error.details?.['damaged'] !== true) throw thrown;
    log.error('app', 'the run history is damaged', thrown);
    const { database } = openFolders(home);
    const [backup] = listBackups(database);
    const choice = askRescue(error, backup);
    if (choice === 'quit') throw thrown;
    const aside = choice === 'restore' && backup ? restoreBackup(database, backup.file) : setAside(database);
    log.warn(
      'app',
      `${choice === 'restore' ? 'a backup is' : 'an empty file is'} the run history now; the damaged one is ` +
        `${aside ?? 'gone'}`,
    );
    return open();
  }
}
