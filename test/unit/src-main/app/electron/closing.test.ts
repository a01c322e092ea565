import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Closing } from '../../../../../src-main/app/electron/closing';
import { app, dialog, FakeWindow } from '../../../support/fake-electron';

vi.mock('electron', () => import('../../../support/fake-electron'));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const atWork = { id: 'r_1', name: 'mine', step: 7, savedStep: 4 };
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let before: Record<string, number>;
beforeEach(() => void (before = Object.fromEntries(signals.map((s) => [s, process.listenerCount(s)]))));
afterEach(() => {
  vi.clearAllMocks();
  app.removeAllListeners();
  for (const signal of signals) process.removeAllListeners(signal);
});

/** An app with this run at work; `saved` is called when its saving is done. */
function open(run: typeof atWork | null = atWork) {
  let saved: () => void = () => undefined;
  let failed: (thrown: unknown) => void = () => undefined;
  const shutDown = vi.fn(() => new Promise<void>((resolve, reject) => ([saved, failed] = [resolve, reject])));
  const runs = { atWork: vi.fn((): typeof atWork | null => run), shutDown, endNow: vi.fn() };
  const services = { runs, close: vi.fn() };
  const told = vi.fn();
  const closing = new Closing(services as never, told);
  const window = new FakeWindow({});
  closing.watch(window as never);
  const event = { preventDefault: vi.fn() };
  return { closing, window, runs, services, told, event, save: () => saved(), fail: () => failed(new Error('full')) };
}

describe('the way out', () => {
  it('keeps the window while a run at work is saved, and says so; then it closes what is open and goes', async () => {
    const { closing, window, runs, services, told, event, save } = open();
    expect(closing.isUnderWay()).toBe(false);
    window.emit('close', event);
    expect([event.preventDefault.mock.calls.length, app.quit.mock.calls.length]).toEqual([1, 1]);
    app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(2);
    expect(closing.isUnderWay()).toBe(true);
    expect(told.mock.calls).toEqual([[{ runName: 'mine', step: 7, savedStep: 4 }]]);
    app.emit('before-quit', event);
    window.emit('close', event);
    expect(runs.shutDown).toHaveBeenCalledOnce();
    expect(event.preventDefault).toHaveBeenCalledTimes(4);
    expect(services.close).not.toHaveBeenCalled();
    app.quit.mockClear();
    save();
    await turn();
    expect(services.close).toHaveBeenCalledOnce();
    expect(app.quit).toHaveBeenCalledOnce();
    app.emit('before-quit', event);
    window.emit('close', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(4); // now they may
    expect(closing.isUnderWay()).toBe(true);
  });

  it('lets the window close at once where no run is at work, and has nothing to say', async () => {
    const { window, event, told, services, save } = open(null);
    window.emit('close', event);
    expect([event.preventDefault.mock.calls.length, app.quit.mock.calls.length]).toEqual([0, 0]);
    app.emit('before-quit', event);
    save();
    await turn();
    expect(told).not.toHaveBeenCalled();
    expect(services.close).toHaveBeenCalledOnce();
  });

  it('holds the window while it saves, although the run has ended by then', () => {
    const { window, runs, event } = open();
    app.emit('before-quit', { preventDefault: () => undefined });
    runs.atWork.mockReturnValue(null);
    window.emit('close', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });

  it('goes on where the run could not be saved', async () => {
    const { services, event, fail } = open();
    app.emit('before-quit', event);
    fail();
    await turn();
    expect([services.close.mock.calls.length, app.quit.mock.calls.length]).toEqual([1, 1]);
  });

  it('is taken for every signal that asks for it', () => {
    open();
    for (const [times, signal] of signals.entries()) {
      expect(process.listenerCount(signal)).toBe(before[signal]! + 1);
      process.emit(signal);
      expect(app.quit).toHaveBeenCalledTimes(times + 1);
    }
  });

  it('starts again once, however often that is asked', () => {
    const { closing } = open();
    for (let times = 0; times < 3; times++) closing.startAgainAfterwards();
    expect(app.relaunch).toHaveBeenCalledOnce();
  });
});

describe('a run that is not waited for', () => {
  it('is ended only while it is saved', async () => {
    const { closing, runs, save, event } = open();
    closing.endNow();
    expect(runs.endNow).not.toHaveBeenCalled();
    app.emit('before-quit', event);
    closing.endNow();
    expect(runs.endNow).toHaveBeenCalledOnce();
    save();
    await turn();
    closing.endNow();
    expect(runs.endNow).toHaveBeenCalledOnce();
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('is asked for in a dialog where the page does not answer; button %i ends it %i times', async (response, ended) => {
    const { window, runs, event } = open();
    dialog.showMessageBox.mockResolvedValue({ response });
    window.emit('unresponsive');
    expect(dialog.showMessageBox).not.toHaveBeenCalled(); // a page may be busy while nothing is saved
    app.emit('before-quit', event);
    window.emit('unresponsive');
    await turn();
    expect(dialog.showMessageBox.mock.calls).toEqual([
      [
        window,
        {
          type: 'question',
          message: 'Saving the run',
          detail: 'The run at work is still being saved.',
          buttons: ['Wait', 'End without saving'],
          defaultId: 0,
          cancelId: 0,
        },
      ],
    ]);
    expect(runs.endNow).toHaveBeenCalledTimes(ended);
  });
});
