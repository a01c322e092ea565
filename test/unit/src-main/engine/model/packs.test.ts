import { describe, expect, it } from 'vitest';
import { adapterPacks, packBytes, packed, single, unpacked } from '../../../../../src-main/engine/model/packs';
import type { WeightSpec } from '../../../../../src-main/engine/families/types';

const spec = (name: string, shape: readonly number[]): WeightSpec => ({
  name,
  shape,
  role: 'linear',
  layer: 0,
  module: 'q_proj',
});
const quarter = packBytes / 4 / 4; // floats

describe('adapterPacks', () => {
  it('puts matrices into one vector, in their order', () => {
    const specs = [spec('a', [2, 3]), spec('b', [4, 2])];
    expect(adapterPacks(specs)).toEqual([{ name: 'adapter/0', shape: [14], members: specs }]);
    expect(adapterPacks([])).toEqual([]);
  });

  it('begins another before one becomes too large', () => {
    const specs = ['a', 'b', 'c', 'd', 'e'].map((name) => spec(name, [quarter]));
    expect(adapterPacks(specs).map((pack) => pack.members.length)).toEqual([4, 1]);
    expect(adapterPacks([spec('large', [5 * quarter]), spec('next', [1])]).map((pack) => pack.shape)).toEqual([
      [5 * quarter],
      [1],
    ]);
  });
});

describe('packed and unpacked', () => {
  it('are each other’s inverse', () => {
    const [pack] = adapterPacks([spec('a', [2, 3]), spec('b', [2]), spec('c', [1, 1])]);
    const whole = Float32Array.from({ length: 9 }, (_, i) => i);
    const parts = unpacked(pack!, whole);
    expect(parts.map(([member, values]) => [member.name, ...values])).toEqual([
      ['a', 0, 1, 2, 3, 4, 5],
      ['b', 6, 7],
      ['c', 8],
    ]);
    const byName = new Map(parts.map(([member, values]) => [member.name, values]));
    expect(packed(pack!, ({ name }) => byName.get(name)!)).toEqual(whole);
  });

  it('leave a weight alone in its own shape', () => {
    const pack = single(spec('w', [2, 2]));
    expect(pack).toMatchObject({ name: 'w', shape: [2, 2] });
    expect(unpacked(pack, Float32Array.of(1, 2, 3, 4))).toEqual([[pack.members[0], Float32Array.of(1, 2, 3, 4)]]);
  });
});
