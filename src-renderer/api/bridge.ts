import type { Api } from '../../src-main/shared/ipc/contract';

declare global {
  interface Window {
    readonly sampo?: Api;
  }
}

/** The preload's object. Nothing else in the renderer may touch `window.sampo`. */
export function bridge(): Api {
  const api = window.sampo;
  if (api === undefined)
    throw new Error('This page runs inside SamPO Studio only: the preload did not put up its bridge.');
  return api;
}
