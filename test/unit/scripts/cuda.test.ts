import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import * as cuda from '../../../scripts/lib/cuda.mjs';
// @ts-expect-error plain JavaScript without types
import { cudaWheels } from '../../../scripts/lib/pins-cuda.mjs';
// @ts-expect-error plain JavaScript without types
import { tensorflowWheel } from '../../../scripts/lib/pins.mjs';
import { zipOf } from '../support/zip';

describe('CUDA engine', () => {
  it('is the TensorFlow of the CPU library, every file pinned', () => {
    expect(cudaWheels[0]).toMatchObject({ name: 'tensorflow', version: tensorflowWheel.version });
    for (const wheel of cudaWheels) expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(cuda.downloadBytes).toBe(3_379_082_848);
  });

  it('takes the libraries and what XLA needs out of the wheels, nothing else', () => {
    for (const name of [
      'tensorflow/libtensorflow_cc.so.2',
      'nvidia/cudnn/lib/libcudnn.so.9',
      'nvidia/cuda_nvcc/bin/ptxas',
    ])
      expect(cuda.placeFromWheel(name)).toBe(name);
    for (const name of ['tensorflow/python/x.so', 'nvidia/cudnn/include/cudnn.h'])
      expect(cuda.placeFromWheel(name)).toBeNull();
  });

  it.each([
    [{ installed: true, driver: true }, true, null],
    [{ installed: true, driver: true, device: 'cpu' }, false, /SAMPO_DEVICE/],
    [{ installed: true, driver: false }, false, /no NVIDIA driver/],
    [{ installed: false, driver: true }, false, /engine install cuda/],
    [
      { installed: true, driver: true, checked: { ok: false, reason: 'libcudnn is damaged' } },
      false,
      /libcudnn is damaged/,
    ],
  ])('chooses the library: %j', (state, expected, why) => {
    const { cuda: chosen, reason } = cuda.chooseLibrary(state);
    expect(chosen).toBe(expected);
    if (why) expect(reason).toMatch(why);
    else expect(reason).toBeNull();
  });

  it('puts its folders before those of the user', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sampo-cuda-'));
    mkdirSync(join(folder, 'nvidia', 'cudnn', 'lib'), { recursive: true });
    expect(cuda.cudaEnvironment(folder, { LD_LIBRARY_PATH: '/mine' }).LD_LIBRARY_PATH).toBe(
      `${folder}/tensorflow:${folder}/nvidia/cudnn/lib:/mine`,
    );
  });

  const wheelOf = (wheelsDir: string, name: string, content: string, sha256?: string) => {
    const bytes = zipOf([
      { name: `nvidia/${name}/lib/lib${name}.so.9`, content },
      { name: `nvidia/${name}/include/${name}.h`, content: 'not needed' },
    ]);
    writeFileSync(join(wheelsDir, `${name}.whl`), bytes);
    return { name, url: `https://x/${name}.whl`, sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex') };
  };

  it('unpacks local wheels and leaves them where they are', async () => {
    const wheelsDir = mkdtempSync(join(tmpdir(), 'sampo-wheels-'));
    const folder = join(wheelsDir, 'out');
    await cuda.installCuda({
      wheelsDir,
      wheels: [wheelOf(wheelsDir, 'cudnn', 'a'), wheelOf(wheelsDir, 'cublas', 'b')],
      folder,
    });
    expect(readFileSync(join(folder, 'nvidia/cudnn/lib/libcudnn.so.9'), 'utf8')).toBe('a');
    expect(readFileSync(join(folder, 'nvidia/cublas/lib/libcublas.so.9'), 'utf8')).toBe('b');
    expect(existsSync(join(folder, 'nvidia/cudnn/include'))).toBe(false);
    expect(existsSync(join(wheelsDir, 'cudnn.whl'))).toBe(true);
    await cuda.removeCuda(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('refuses a local wheel with another hash and leaves no folder, whatever came before it', async () => {
    const wheelsDir = mkdtempSync(join(tmpdir(), 'sampo-wheels-'));
    const wheels = [wheelOf(wheelsDir, 'cudnn', 'a'), wheelOf(wheelsDir, 'cublas', 'b', '0'.repeat(64))];
    await expect(cuda.installCuda({ wheelsDir, wheels, folder: join(wheelsDir, 'out') })).rejects.toThrow('SHA-256');
    expect(readdirSync(wheelsDir).sort()).toEqual(['cublas.whl', 'cudnn.whl']);
  });
});
