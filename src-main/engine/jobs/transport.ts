import type { EngineEvent } from '../../shared/ipc/engine-events';

/** The line to the parent, whatever it is: Electron main (utility process) or plain Node (child_process.fork). */
export interface Transport {
  send(event: EngineEvent): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The parent is gone: nobody will read or stop this process any more. */
  onClosed(listener: () => void): void;
  /** Resolves when everything sent so far has left the process. */
  flush(): Promise<void>;
}

/** Electron's `process.parentPort`, as far as it is used here; the engine does not depend on Electron's types. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export function openTransport(): Transport {
  const { parentPort } = process as { readonly parentPort?: ParentPort };
  if (parentPort) return utilityTransport(parentPort);
  if (process.send) return childTransport();
  throw new Error('the engine needs a parent: fork it, or start it as an Electron utility process');
}

function utilityTransport(port: ParentPort): Transport {
  return {
    send: (event) => port.postMessage(event),
    onMessage: (listener) => port.on('message', (event) => listener(event.data)),
    onClosed: () => undefined, // Electron does not say; parent-watch.ts looks
    // there is no callback; messages leave with the next turns of the loop
    flush: () => new Promise((resolve) => setTimeout(resolve, 100)),
  };
}

function childTransport(): Transport {
  let pending = 0;
  let drained: (() => void) | null = null;
  return {
    send: (event) => {
      if (!process.connected) return;
      pending++;
      process.send!(event, undefined, undefined, () => {
        pending--;
        if (pending === 0) drained?.();
      });
    },
    onMessage: (listener) => void process.on('message', listener),
    onClosed: (listener) => void process.on('disconnect', listener),
    flush: () =>
      new Promise((resolve) => {
        if (pending === 0 || !process.connected) resolve();
        else drained = resolve;
        process.once('disconnect', () => resolve());
      }),
  };
}
