import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isOwnerAlive, processOwner } from '../../../../../src-main/app/engines/process-owner';

describe('the owner of a run', () => {
  it('is alive as long as its process is', async () => {
    expect(isOwnerAlive(processOwner())).toBe(true);
    const child = spawn('sleep', ['60']);
    const owner = processOwner(child.pid);
    expect(isOwnerAlive(owner)).toBe(true);
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(isOwnerAlive(owner)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is not another process that got the same number later', () => {
    const [pid] = processOwner().split(':');
    expect(isOwnerAlive(`${pid}:1`)).toBe(false);
  });

  it('that never was is not alive', () => {
    expect(isOwnerAlive(`${spawnSync('true').pid}:1`)).toBe(false);
  });
});
