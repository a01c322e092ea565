import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import { eventNames, parsers, type Api } from './shared/ipc';

const channels: ReadonlySet<string> = new Set(Object.keys(parsers));
const events: ReadonlySet<string> = new Set(eventNames);

/** The only bridge between page and main: known channels out, known events in. */
const api: Api = {
  request: (channel, input) => {
    if (!channels.has(channel)) return Promise.reject(new Error(`there is no channel ${channel}`));
    return ipcRenderer.invoke(channel, input) as ReturnType<Api['request']> as never;
  },
  on: (event, listener) => {
    if (!events.has(event)) throw new Error(`there is no event ${event}`);
    const forward = (_event: IpcRendererEvent, payload: unknown): void => listener(payload as never);
    ipcRenderer.on(event, forward);
    return () => ipcRenderer.off(event, forward);
  },
};

contextBridge.exposeInMainWorld('sampo', api);
