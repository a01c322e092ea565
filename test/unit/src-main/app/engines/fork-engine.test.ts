import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forkEngine } from '../../../../../src-main/app/engines/fork-engine';
import { temporaryFolder } from '../../../support/runs';

afterEach(() => void vi.restoreAllMocks());

/** A child of this script: what it said, and how it ended. */
function start(script: string) {
  const file = path.join(temporaryFolder(), 'engine.cjs');
  writeFileSync(file, script);
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (written.push(String(text)), true));
  const channel = forkEngine(file)();
  const said: unknown[] = [];
  channel.onMessage((message) => void said.push(message));
  const ended = new Promise<string>((resolve) => channel.onExit(resolve));
  return { channel, said, written, ended };
}

describe('an engine of the command line', () => {
  it('hears and speaks, knows its parent, and runs as plain Node', async () => {
    const { channel, said, ended } = start(`
      process.send([process.argv[2], process.env.ELECTRON_RUN_AS_NODE]);
      process.on('message', (command) => process.send(command, () => process.exit(0)));`);
    await expect.poll(() => said).toEqual([[`${process.pid}`, '1']]);
    channel.post({ kind: 'stop' });
    expect(await ended).toBe('exit code 0');
    expect(said[1]).toEqual({ kind: 'stop' });
    channel.post({ kind: 'stop' }); // nobody is there to hear it
    channel.kill();
  });

  it('tells with which code it ended, after its last words', async () => {
    const { said, ended } = start("process.send('last', () => process.exit(7));");
    expect(await ended).toBe('exit code 7');
    expect(said).toEqual(['last']);
  });

  it('is killed at once, and tells that', async () => {
    const { channel, said, ended } = start(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 9); process.send('here');",
    );
    await expect.poll(() => said).toEqual(['here']);
    channel.kill();
    expect(await ended).toBe('signal SIGKILL');
  });

  it('prints beside the program’s own output', async () => {
    const out = vi.spyOn(process.stdout, 'write');
    const { written, ended } = start("console.error('oh'); console.error('W0000 a greeting'); console.log('no');");
    await ended;
    expect(written).toEqual(['oh\n']);
    expect(out).not.toHaveBeenCalled();
  });

  it.runIf(process.platform === 'linux')('is in a group of its own: Ctrl-C is for its parent', async () => {
    const { channel, said, ended } = start('process.send(process.pid); setInterval(() => {}, 9);');
    await expect.poll(() => said).toHaveLength(1);
    const stat = readFileSync(`/proc/${String(said[0])}/stat`, 'utf8');
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]).toBe(`${String(said[0])}`);
    channel.kill();
    await ended;
  });
});
