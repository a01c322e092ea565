import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import * as cuda from '../../../scripts/lib/cuda.mjs';
// @ts-expect-error plain JavaScript without types
import { cudaWheels } from '../../../scripts/lib/pins-cuda.mjs';
// @ts-expect-error plain JavaScript without types
import { tensorflowWheel } from '../../../scripts/lib/pins.mjs';

describe('CUDA engine', () => {
  it('is the TensorFlow of the CPU library, every file pinned', () => {
    expect(cudaWheels[0]).toMatchObject({ name: 'tensorflow', version: tensorflowWheel.version });
    for (const wheel of cudaWheels) expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(cuda.downloadBytes).toBe(3_379_082_848);
  });

  it('takes the libraries and what XLA needs out of the wheels, nothing else', () => {
    for (const name of ['tensorflow/libtensorflow_cc.so.2', 'nvidia/cudnn/lib/libcudnn.so.9', 'nvidia/cuda_nvcc/bin/ptxas']) expect(cuda.placeFromWheel(name)).toBe(name);
    for (const name of ['tensorflow/python/x.so', 'nvidia/cudnn/include/cudnn.h']) expect(cuda.placeFromWheel(name)).toBeNull();
  });

  it.each([
    [{ installed: true, driver: true }, true, null],
    [{ installed: true, driver: true, device: 'cpu' }, false, /SAMPO_DEVICE/],
    [{ installed: true, driver: false }, false, /no NVIDIA driver/],
    [{ installed: false, driver: true }, false, /engine install cuda/],
    [{ installed: true, driver: true, checked: { ok: false, reason: 'libcudnn is damaged' } }, false, /libcudnn is damaged/],
  ])('chooses the library: %j', (state, expected, why) => {
    const { cuda: chosen, reason } = cuda.chooseLibrary(state);
    expect(chosen).toBe(expected);
    if (why) expect(reason).toMatch(why);
    else expect(reason).toBeNull();
  });

  it('puts its folders before those of the user', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sampo-cuda-'));
    mkdirSync(join(folder, 'nvidia', 'cudnn', 'lib'), { recursive: true });
    expect(cuda.cudaEnvironment(folder, { LD_LIBRARY_PATH: '/mine' }).LD_LIBRARY_PATH).toBe(`${folder}/tensorflow:${folder}/nvidia/cudnn/lib:/mine`);
  });

  it('refuses a local wheel with another hash and leaves no folder', async () => {
    const wheelsDir = mkdtempSync(join(tmpdir(), 'sampo-wheels-'));
    writeFileSync(join(wheelsDir, 'a.whl'), 'not it');
    const wheels = [{ name: 'a', url: 'https://x/a.whl', sha256: '0'.repeat(64) }];
    await expect(cuda.installCuda({ wheelsDir, wheels, folder: join(wheelsDir, 'out') })).rejects.toThrow('SHA-256');
  });
});
