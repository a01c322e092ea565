import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { keepOutput } from '../../../../../src-main/app/engines/engine-output';
import { LogFile, openLog } from '../../../../../src-main/app/log-file';
import { logTo } from '../../../../../src-main/shared/log';
import { temporaryFolder } from '../../../support/runs';

afterEach(() => logTo(null));

describe('what an engine prints', () => {
  it('is kept from both its streams; what is more than a greeting is told', async () => {
    const file = new LogFile(temporaryFolder());
    openLog(file, 'debug');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const told: string[] = [];
    keepOutput({ stdout, stderr }, (line) => void told.push(line));
    stdout.end('step with hf_abcdefghijkl\n\n');
    stderr.end('W0000 00:00:1 a greeting\nterminate called\n[debug jobs] a detail\n[error jobs] a fault\n');
    const kept = (): string[] => file.tail(9).map((line) => line.replace(/^.*\[\d+ (.*?)\] /, '$1|'));
    await expect
      .poll(() => kept().sort())
      .toEqual([
        'engine jobs|a detail',
        'engine jobs|a fault',
        'engine stderr|W0000 00:00:1 a greeting',
        'engine stderr|terminate called',
        'engine stdout|step with hf_…',
      ]);
    expect(told).toEqual(['terminate called', 'a fault']);
  });
});
