import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import { consoleSink, log, logTo } from './shared/log';
import { dropChannel, eventChannel, eventNames, parsers, type Api, type SentEvent } from './shared/ipc/contract';

logTo(consoleSink, 'debug');

const channels: ReadonlySet<string> = new Set(Object.keys(parsers));
const listeners: ReadonlyMap<string, Set<(payload: never) => void>> = new Map(
  eventNames.map((name) => [name, new Set()]),
);

/** The only bridge between page and main: known channels out, known events in. */
const api: Api = {
  request: (channel, input) => {
    if (!channels.has(channel)) return Promise.reject(new Error(`there is no channel ${channel}`));
    return ipcRenderer.invoke(channel, input) as ReturnType<Api['request']> as never;
  },
  on: (event, listener) => {
    const others = listeners.get(event);
    if (!others) throw new Error(`there is no event ${event}`);
    const own = (payload: never): void => listener(payload); // the same listener may be given twice
    others.add(own);
    return () => void others.delete(own);
  },
  dropped: (file) => ipcRenderer.invoke(dropChannel, webUtils.getPathForFile(file)) as ReturnType<Api['dropped']>,
};

ipcRenderer.on(eventChannel, (_event: IpcRendererEvent, batch: readonly SentEvent[]) => {
  for (const [event, payload] of batch)
    for (const listener of [...(listeners.get(event) ?? [])])
      try {
        listener(payload as never);
      } catch (thrown) {
        log.error('preload', `a listener of ${event} failed`, thrown); // the others, and the rest of the batch, go on
      }
});

contextBridge.exposeInMainWorld('sampo', api);
