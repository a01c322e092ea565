import { describe, expect, it } from 'vitest';
import type { HostArray, Session } from '../../../../../src-main/engine/graph/types';
import { initialLora, loraPlan } from '../../../../../src-main/engine/model/lora';
import { adapterPacks, type Pack } from '../../../../../src-main/engine/model/packs';
import { initializeAdapter } from '../../../../../src-main/engine/adapter/initialize-adapter';
import { itself, packTensors, setPacks } from '../../../../../src-main/engine/program/pack-tensors';
import type { TrainProgram } from '../../../../../src-main/engine/program/types';
import { loraSpecs } from '../../../../../src-main/engine/program/variables';
import type { ModelSource } from '../../../../../src-main/engine/source/types';
import { tinyLlama } from '../../../support/tiny-config';

const moment = (name: string): string => `m/${name}`;
const packOf = (name: string, size: number, members: readonly (readonly [string, readonly number[]])[]): Pack =>
  ({ name, shape: [size], members: members.map(([member, shape]) => ({ name: member, shape })) }) as unknown as Pack;

/** Holds nothing: a variable's value is made when it is asked for, a few numbers whatever its size. */
function session() {
  const asked: string[][] = [];
  const set = new Map<string, readonly number[]>();
  const device = {
    getVariables: (names: readonly string[]): Readonly<Record<string, HostArray>> => {
      asked.push([...names]);
      return Object.fromEntries(names.map((name) => [name, Float32Array.of(asked.length, name.length, 7)]));
    },
    setVariable: (name: string, data: HostArray) => set.set(name, [...data]),
  } as unknown as Session;
  return { asked, set, device };
}
const read = (tensors: ReturnType<typeof packTensors>): readonly (readonly [string, readonly number[]])[] =>
  tensors.map(({ name, read }) => [name, [...(read() as Float32Array)]] as const);

describe('what is trained, as tensors', () => {
  it('is taken apart by the members of its packs, under each naming', () => {
    const { asked, device } = session();
    const pack = packOf('adapter/0', 3, [
      ['a', [2, 1]],
      ['b', [1]],
    ]);
    const tensors = packTensors(device, [pack], [itself, moment]);
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['a', [2, 1]],
      ['b', [1]],
      ['m/a', [2, 1]],
      ['m/b', [1]],
    ]);
    expect(asked).toEqual([]); // nothing is fetched before it is wanted
    expect(read(tensors)).toEqual([
      ['a', [1, 9]],
      ['b', [7]],
      ['m/a', [1, 11]],
      ['m/b', [7]],
    ]);
    expect(asked).toEqual([['adapter/0', 'm/adapter/0']]);
  });
  it.each([
    [8, [['w0', 'w1'], ['w2', 'w3'], ['w4']]], // 32 MB each, 64 MB together
    [9, [['w0'], ['w1'], ['w2'], ['w3'], ['w4']]],
    [40, [['w0'], ['w1'], ['w2'], ['w3'], ['w4']]],
    [
      5,
      [
        ['w0', 'w1', 'w2'],
        ['w3', 'w4'],
      ],
    ],
  ])('of %i million numbers each is fetched in groups of at most 64 MB', (millions, groups) => {
    const { asked, device } = session();
    const packs = Array.from({ length: 5 }, (_, i) => packOf(`w${i}`, millions << 20, [[`w${i}`, [3]]]));
    const tensors = packTensors(device, packs, [itself]);
    read(tensors);
    expect(asked).toEqual(groups);
  });
  it('is set in its place', () => {
    const { set, device } = session();
    const packs = [
      packOf('x', 3, [
        ['a', [2]],
        ['b', [1]],
      ]),
      packOf('y', 1, [['c', [1]]]),
    ];
    setPacks(device, packs, moment, ({ name }) =>
      Float32Array.from({ length: name === 'a' ? 2 : 1 }, () => name.charCodeAt(0)),
    );
    expect([...set]).toEqual([
      ['m/x', [97, 97, 98]],
      ['m/y', [99]],
    ]);
  });
});

describe('an adapter', () => {
  const config = tinyLlama();
  const lora = loraPlan(config, { rank: 2, alpha: 4, targets: 'mlp' });
  const program = { trained: adapterPacks(loraSpecs(config, lora)) } as unknown as TrainProgram;
  const initialized = (
    plan: typeof lora | null,
    seed: number,
    loaded: Parameters<typeof initializeAdapter>[4] = null,
  ) => {
    const { set, device } = session();
    initializeAdapter(device, program, { config } as ModelSource, plan, loaded, seed);
    return set;
  };
  it('is fresh by the seed: A small and random, B zero', () => {
    const [values] = [...initialized(lora, 1).values()];
    expect([...initialized(lora, 1).values()][0]).toEqual(values);
    expect([...initialized(lora, 2).values()][0]).not.toEqual(values);
    const specs = loraSpecs(config, lora);
    let at = 0;
    for (const { name, shape } of specs) {
      const own = values!.slice(at, (at += shape[0]! * shape[1]!));
      const most = 1 / Math.sqrt(shape[1]!);
      if (name.endsWith('lora_B.weight')) expect(own.every((x) => x === 0)).toBe(true);
      else expect([own.every((x) => Math.abs(x) <= most), new Set(own).size > own.length / 2]).toEqual([true, true]);
    }
    expect(at).toBe(values!.length);
  });
  it('is the one to go on with, where there is one; without any nothing is set', () => {
    const tensors = initialLora(config, lora, () => 0.75);
    const loaded = { plan: lora, tensors, hash: '', notes: [] };
    const values = [...initialized(lora, 1, loaded).values()][0]!;
    expect(values).toEqual(loraSpecs(config, lora).flatMap(({ name }) => [...tensors.get(name)!]));
    expect(initialized(null, 1).size).toBe(0);
  });
});
