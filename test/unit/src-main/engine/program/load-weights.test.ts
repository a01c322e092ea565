import { describe, expect, it } from 'vitest';
import type { HostArray, Session } from '../../../../../src-main/engine/graph/types';
import { familyOf } from '../../../../../src-main/engine/families/registry';
import {
  loadWeights,
  modelParameters,
  parameterCount,
  requireFinite,
} from '../../../../../src-main/engine/program/load-weights';
import type { ModelSource } from '../../../../../src-main/engine/source/types';
import { tinyLlama } from '../../../support/tiny-config';

const config = tinyLlama();
const specs = familyOf(config).weights(config);
const values = Float32Array.of(1, -2, 0.5);
const sourceOf = (read: (name: string) => Float32Array | null): ModelSource =>
  ({
    path: '/model',
    config,
    tensors: new Map(
      specs.flatMap(({ name }) => (read(name) === null ? [] : [[name, { read: () => Promise.resolve(read(name)) }]])),
    ),
  }) as unknown as ModelSource;
const load = async (source: ModelSource, format?: 'f32' | 'bf16' | 'f16') => {
  const set = new Map<string, HostArray>();
  const progress: string[] = [];
  const session = { setVariable: (name: string, data: HostArray) => set.set(name, data) } as unknown as Session;
  await loadWeights(
    session,
    source,
    (done, total) => progress.push(`${done}/${total}`),
    () => Promise.resolve(void progress.push('pause')),
    ...(format ? [() => format] : []),
  );
  return { set, progress };
};

describe('a model’s weights', () => {
  it('are set one by one, with a look at who wants to stop', async () => {
    const { set, progress } = await load(sourceOf(() => values));
    expect([...set.keys()]).toEqual(specs.map(({ name }) => name));
    expect([...set.values()].every((one) => one === values)).toBe(true);
    expect(progress.slice(0, 4)).toEqual([`1/${specs.length}`, 'pause', `2/${specs.length}`, 'pause']);
    expect(progress.at(-2)).toBe(`${specs.length}/${specs.length}`);
  });
  it.each([
    ['bf16', [0x3f80, 0xc000, 0x3f00]],
    ['f16', [0x3c00, 0xc000, 0x3800]],
  ] as const)('travel as %s by their bytes', async (format, bits) => {
    const { set } = await load(
      sourceOf(() => values),
      format,
    );
    const bytes = [...set.values()][0] as Uint8Array;
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect([...bytes]).toEqual(bits.flatMap((word) => [word & 0xff, word >> 8]));
  });
  it('that are missing or no numbers are named', async () => {
    const [, second] = specs;
    await expect(load(sourceOf((name) => (name === second!.name ? null : values)))).rejects.toMatchObject({
      error: {
        code: 'bad-model',
        message: `/model lacks the tensor ${second!.name}.`,
        details: { tensor: second!.name },
      },
    });
    const bad = Float32Array.of(1, NaN, Infinity);
    await expect(load(sourceOf((name) => (name === second!.name ? bad : values)))).rejects.toMatchObject({
      error: {
        code: 'bad-model',
        message: `Tensor ${second!.name} of /model holds NaN at place 1.`,
        details: { file: '/model', tensor: second!.name, index: 1 },
      },
    });
    expect(() => requireFinite(Float32Array.of(-Infinity), 'w', '/m')).toThrow(
      'Tensor w of /m holds -Infinity at place 0.',
    );
  });
  it('are counted', () => {
    // embedding 31 · 24; a layer: q, o 24 · 24, k, v 12 · 24, three of 24 · 40, two norms; the last norm
    const layer = 2 * 24 * 24 + 2 * 12 * 24 + 3 * 24 * 40 + 2 * 24;
    expect(modelParameters(config)).toBe(31 * 24 + 2 * layer + 24);
    expect(parameterCount([])).toBe(0);
  });
});
