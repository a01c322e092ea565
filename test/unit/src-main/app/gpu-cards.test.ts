import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gpuAdvice } from '../../../../src-main/app/doctor';
import { cardInUse, gpuCards, parseCards } from '../../../../src-main/app/gpu-cards';
import { temporaryFolder } from '../../support/runs';

const two = '0, NVIDIA H100 80GB HBM3, 81559, 80995, 550.54.15\n1, NVIDIA GeForce RTX 4090, 24564, 20000, 550.54.15\n';
const mebibyte = 2 ** 20;
afterEach(() => void vi.unstubAllEnvs());

/** A driver tool of this text, found before any other. */
function withTool(script: string): void {
  const folder = temporaryFolder();
  const tool = path.join(folder, 'nvidia-smi');
  writeFileSync(tool, `#!/bin/sh\n${script}\n`);
  chmodSync(tool, 0o755);
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
}

describe('NVIDIA cards', () => {
  it('are what the driver’s tool lists', () => {
    expect(parseCards(two)).toEqual([
      {
        index: 0,
        name: 'NVIDIA H100 80GB HBM3',
        totalBytes: 81559 * mebibyte,
        freeBytes: 80995 * mebibyte,
        driver: '550.54.15',
      },
      {
        index: 1,
        name: 'NVIDIA GeForce RTX 4090',
        totalBytes: 24564 * mebibyte,
        freeBytes: 20000 * mebibyte,
        driver: '550.54.15',
      },
    ]);
    expect(parseCards('No devices were found\n')).toEqual([]);
    expect(parseCards('0, NVIDIA T4, [N/A], [N/A], 550\n')).toEqual([]);
  });
  it.runIf(process.platform !== 'win32')('are asked of a real process, which gets the fields it knows', () => {
    withTool(
      '[ "$1" = "--query-gpu=index,name,memory.total,memory.free,driver_version" ] && [ "$2" = ' +
        '"--format=csv,noheader,nounits" ] && echo "0, NVIDIA T4, 15360, 15000, 550.1"',
    );
    expect(gpuCards()).toMatchObject([{ name: 'NVIDIA T4', freeBytes: 15000 * mebibyte }]);
    withTool('echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."; exit 9');
    expect(gpuCards()).toEqual([]);
    vi.stubEnv('PATH', temporaryFolder());
    expect(gpuCards()).toEqual([]);
  });
  it('are used only with the CUDA library and where the settings allow it', () => {
    const cards = parseCards(two);
    expect([cardInUse(cards, 'auto', true)?.index, cardInUse(cards, 'gpu:1', true)?.index]).toEqual([0, 1]);
    expect([
      cardInUse(cards, 'cpu', true),
      cardInUse(cards, 'auto', false),
      cardInUse(cards, 'gpu:7', true),
      cardInUse([], 'auto', true),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });
  it('that are not in use get one sentence that says why', () => {
    expect(gpuAdvice(parseCards(two), 'cpu', undefined)).toBe(
      'No GPU is in use, because the settings say so; NVIDIA H100 80GB HBM3 would be faster.',
    );
    expect(gpuAdvice([], 'auto', 'There is no NVIDIA driver on this machine.')).toBe(
      'No GPU is in use. There is no NVIDIA driver on this machine.',
    );
  });
});
