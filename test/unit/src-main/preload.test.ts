import { beforeAll, describe, expect, it, vi } from 'vitest';
import { eventChannel, type Api } from '../../../src-main/shared/ipc/contract';
import { contextBridge, ipcRenderer } from '../support/fake-electron';

vi.mock('electron', () => import('../support/fake-electron'));

let api: Api;
beforeAll(async () => {
  await import('../../../src-main/preload');
  expect(contextBridge.exposeInMainWorld).toHaveBeenCalledOnce();
  expect(contextBridge.exposeInMainWorld.mock.calls[0]![0]).toBe('sampo');
  api = contextBridge.exposeInMainWorld.mock.calls[0]![1] as Api;
});
const arrive = (...batch: unknown[]): void => void ipcRenderer.emit(eventChannel, {}, batch);

describe('the bridge', () => {
  it('asks on known channels only', async () => {
    expect(await api.request('runs:list', { search: '' })).toBe('answer');
    expect(ipcRenderer.invoke).toHaveBeenCalledWith('runs:list', { search: '' });
    await expect(api.request('shell:open' as never, {} as never)).rejects.toThrow(/no channel shell:open/);
    expect(() => api.on('window:close' as never, () => undefined)).toThrow(/no event window:close/);
  });

  it('unpacks batches in order, each event to its own listeners', () => {
    const heard: unknown[] = [];
    const stop = [
      api.on('runs:removed', ({ id }) => void heard.push(`removed ${id}`)),
      api.on('models:changed', ({ reason }) => void heard.push(reason)),
    ];
    arrive(
      ['runs:removed', { id: 'a' }],
      ['models:changed', { reason: 'b' }],
      ['datasets:changed', { reason: 'nobody listens' }],
      ['runs:removed', { id: 'c' }],
    );
    expect(heard).toEqual(['removed a', 'b', 'removed c']);
    stop.forEach((off) => off());
    arrive(['runs:removed', { id: 'd' }]);
    expect(heard).toHaveLength(3);
  });

  it('goes on after a listener that fails, and counts a listener as often as it was given', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined); // main keeps it in the log
    const heard = vi.fn();
    const stop = [
      api.on('models:changed', () => {
        throw new Error('x');
      }),
      api.on('models:changed', heard),
      api.on('models:changed', heard),
    ];
    arrive(['models:changed', { reason: 'y' }]);
    expect(heard).toHaveBeenCalledTimes(2);
    expect(told.mock.calls).toEqual([
      [expect.stringMatching(/^preload: a listener of models:changed failed: Error: x\n/)],
    ]);
    stop[2]!();
    arrive(['models:changed', { reason: 'z' }]);
    expect(heard).toHaveBeenCalledTimes(3);
    stop.forEach((off) => off());
  });
});
