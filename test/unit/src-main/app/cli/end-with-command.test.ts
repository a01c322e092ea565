import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endWithCommand } from '../../../../../src-main/app/cli/end-with-command';

describe('the command line’s process', () => {
  it('ends when the command that started it is gone, and not before', async () => {
    const command = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    await once(command, 'spawn');
    let ended = false;
    const end = new Promise<void>((resolve) =>
      endWithCommand(String(command.pid), () => resolve(((ended = true), undefined))),
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(ended).toBe(false);
    command.kill('SIGKILL');
    await end;
    expect(ended).toBe(true);
  });

  it('watches nobody where it was started by itself', async () => {
    let ended = false;
    for (const given of [undefined, '', 'no number']) endWithCommand(given, () => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ended).toBe(false);
  });
});
