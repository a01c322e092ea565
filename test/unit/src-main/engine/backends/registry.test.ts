import { describe, expect, it, vi } from 'vitest';
import { engineDoctor } from '../../../../../src-main/engine/doctor';
import { openEngine } from '../../../../../src-main/engine/backends/registry';
import { nativeHalves } from '../../../../../src-main/engine/backends/tensorflow/device';
import * as binding from '../../../../../src-main/engine/backends/tensorflow/binding';

describe('openEngine', () => {
  it('auto takes TensorFlow where it loads, and names version and cores', async () => {
    const { info } = await openEngine('auto');
    expect(info).toMatchObject({ backend: 'tensorflow', reason: null });
    expect(info.library).toMatch(/^TensorFlow \d+\.\d+\.\d+$/);
    expect(info.devices.at(-1)).toMatch(/^CPU · \d+ cores$/);
  });

  it('says which halves it multiplies as they are: those of the device, none without TensorFlow', async () => {
    const { halves, info } = await openEngine('auto');
    expect(halves).toEqual(nativeHalves(info.devices[0]!.startsWith('GPU')));
    for (const choice of ['wasm', 'cpu'] as const) expect((await openEngine(choice)).halves.size).toBe(0);
  });

  it('wasm and cpu are there when asked for, and say that they were', async () => {
    expect((await openEngine('wasm')).info).toMatchObject({ backend: 'wasm', reason: 'Chosen in the settings.' });
    expect((await openEngine('cpu')).info).toMatchObject({ backend: 'cpu', reason: 'Chosen in the settings.' });
  });

  it('auto falls back to wasm and says why and what to do; asking for TensorFlow fails', async () => {
    const load = vi.spyOn(binding, 'loadBinding').mockImplementation(() => {
      throw new Error('libtensorflow.so.2: cannot open shared object file\nRequire stack: …');
    });
    try {
      const { info } = await openEngine('auto');
      expect(info.backend).toBe('wasm');
      expect(info.reason).toBe(
        'TensorFlow does not load: libtensorflow.so.2: cannot open shared object file. Run npm run setup again.',
      );
      await expect(openEngine('tensorflow')).rejects.toMatchObject({
        error: { code: 'missing-on-machine', message: expect.stringContaining('cannot open shared object') as string },
      });
    } finally {
      load.mockRestore();
    }
  });
});

describe('engineDoctor', () => {
  it('measures products through the training path', async () => {
    const { engine, sgemmGflops } = await engineDoctor('auto');
    expect(engine.backend).toBe('tensorflow');
    expect(engine.devices.slice(1)).toEqual(nativeHalves(false).has('bf16') ? ['bfloat16 (AMX)'] : []);
    expect(Object.keys(sgemmGflops)).toEqual(['512', '1024', '2048']);
    for (const rate of Object.values(sgemmGflops)) expect(rate).toBeGreaterThan(1);
  });
});
