import { EventEmitter } from 'node:events';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { utilityEngine } from '../../../../../src-main/app/electron/utility-engine';
import { utilityProcess } from '../../../support/fake-electron';

vi.mock('electron', () => import('../../../support/fake-electron'));
afterEach(() => void vi.restoreAllMocks());

function start() {
  const child = Object.assign(new EventEmitter(), {
    pid: 77 as number | undefined,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    postMessage: vi.fn(),
  });
  utilityProcess.fork.mockImplementation(() => child as never);
  const channel = utilityEngine();
  const [said, ended]: [unknown[], string[]] = [[], []];
  channel.onMessage((message) => void said.push(message));
  channel.onExit((reason) => void ended.push(reason));
  const prints = async (text: string): Promise<void> => {
    child.stderr.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { child, channel, said, ended, prints };
}

describe('an engine of the window', () => {
  it('is a utility process of the bundle beside this one, and knows its parent', () => {
    start();
    const folder = path.join(import.meta.dirname, '../../../../../src-main/app/electron');
    expect(utilityProcess.fork.mock.lastCall).toEqual([
      path.join(folder, 'engine.cjs'),
      [`${process.pid}`],
      { serviceName: 'SamPO engine', stdio: ['ignore', 'pipe', 'pipe'] },
    ]);
  });

  it('hears and speaks', () => {
    const { child, channel, said } = start();
    channel.post({ kind: 'pause' });
    child.emit('message', { kind: 'ready' });
    expect([child.postMessage.mock.calls, said]).toEqual([[[{ kind: 'pause' }]], [{ kind: 'ready' }]]);
  });

  it.each([
    ['', 134, 'exit code 134'],
    ['terminate called\n  aborted \n', 134, 'exit code 134; last output: aborted'],
    ['terminate called\n', 0, 'exit code 0'],
    ['W0000 00:00 a greeting\n', 1, 'exit code 1'],
    [`${'x'.repeat(501)}\n`, 1, `exit code 1; last output: ${'x'.repeat(500)}`],
  ])('that printed %j and ended with %i says: %s', async (text, code, reason) => {
    const { child, ended, prints } = start();
    await prints(text);
    child.emit('exit', code);
    expect(ended).toEqual([reason]);
  });

  it('is killed, not asked; one that is not there is left alone', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    start().channel.kill();
    expect(kill.mock.calls).toEqual([[77, 'SIGKILL']]);
    const { child, channel } = start();
    child.pid = undefined;
    channel.kill();
    expect(kill).toHaveBeenCalledTimes(1);
    kill.mockImplementation(() => {
      throw new Error('ESRCH');
    });
    expect(() => start().channel.kill()).not.toThrow();
  });
});
