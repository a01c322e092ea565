import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/** As much of Electron as the start of the app touches; `vi.mock('electron', …)` puts it in its place. */
export class FakeWindow extends EventEmitter {
  static readonly all: FakeWindow[] = [];
  bounds = { x: 0, y: 0, width: 0, height: 0 };
  isMax = false;
  readonly webContents = Object.assign(new EventEmitter(), {
    send: vi.fn<(channel: string, payload: unknown) => void>(),
  });
  readonly loadURL = vi.fn(() => Promise.resolve());
  readonly show = vi.fn();
  readonly focus = vi.fn();
  readonly maximize = vi.fn(() => void (this.isMax = true));

  constructor(readonly options: Readonly<Record<string, unknown>>) {
    super();
    FakeWindow.all.push(this);
  }
  getNormalBounds = (): FakeWindow['bounds'] => this.bounds;
  isMaximized = (): boolean => this.isMax;
  isMinimized = vi.fn(() => false);
  restore = vi.fn();
  reload = vi.fn();
}

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  relaunch: vi.fn(),
  setPath: vi.fn(),
  getVersion: () => '0.0.0',
  getAppPath: () => '/app',
  requestSingleInstanceLock: vi.fn(() => true),
  commandLine: { appendSwitch: vi.fn() },
  whenReady: () => Promise.resolve(),
  quit: vi.fn(),
  exit: vi.fn(),
});
export const dialog = {
  showErrorBox: vi.fn<(title: string, content: string) => void>(),
  showOpenDialog: vi.fn(),
  showSaveDialog: vi.fn(),
  showMessageBox: vi.fn(() => Promise.resolve({ response: 0 })),
  showMessageBoxSync: vi.fn((_asked: { readonly buttons: readonly string[] }) => 99),
};
export const ipcMain = {
  handle: vi.fn<(channel: string, listener: (event: unknown, input: unknown) => unknown) => void>(),
};
export const protocol = { registerSchemesAsPrivileged: vi.fn(), handle: vi.fn() };
type Decide = (decided: unknown) => void;
export const session = {
  defaultSession: {
    setPermissionRequestHandler:
      vi.fn<(decide: (contents: unknown, permission: string, decide: Decide) => void) => void>(),
    setPermissionCheckHandler: vi.fn<(check: () => boolean) => void>(),
    webRequest: {
      onBeforeRequest: vi.fn<(decide: (request: { readonly url: string }, decide: Decide) => void) => void>(),
    },
  },
};
export const shell = {
  showItemInFolder: vi.fn(),
  openExternal: vi.fn(() => Promise.resolve()),
  openPath: vi.fn(() => Promise.resolve('')),
};
export const nativeTheme = { themeSource: 'system' };
export const Menu = {
  buildFromTemplate: vi.fn((template: readonly unknown[]) => template),
  setApplicationMenu: vi.fn<(menu: unknown) => void>(),
};
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
export const utilityProcess = {
  fork: vi.fn(() => {
    throw new Error('there is no engine here');
  }),
};
export const powerSaveBlocker = { start: vi.fn((_kind: string) => 7), stop: vi.fn<(id: number) => void>() };
export const contextBridge = { exposeInMainWorld: vi.fn<(name: string, api: unknown) => void>() };
export const ipcRenderer = Object.assign(new EventEmitter(), {
  invoke: vi.fn((_channel: string, _input: unknown) => Promise.resolve('answer')),
});
export { FakeWindow as BrowserWindow };
