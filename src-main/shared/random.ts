/**
 * Seedable random numbers with a state that can be stored: xoshiro128** 1.1 (Blackman and Vigna 2018), seeded through
 * splitmix32. Runs anywhere and gives the same stream everywhere: all arithmetic is 32-bit integers.
 */
export type RandomState = readonly [number, number, number, number];

const rotateLeft = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

/** One step of splitmix32: spreads any 32-bit number, so that neighbouring seeds give unrelated streams. */
function mix(x: number): number {
  let z = (x + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad) >>> 0;
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97) >>> 0;
  return (z ^ (z >>> 15)) >>> 0;
}

export class Random {
  private s: [number, number, number, number];

  constructor(state: RandomState) {
    this.s = [state[0] >>> 0, state[1] >>> 0, state[2] >>> 0, state[3] >>> 0];
    if (this.s.every((word) => word === 0)) this.s[0] = 1; // the one state the generator never leaves
  }

  /**
   * A stream of its own for every list of keys, such as (seed, epoch, row). Keys are whole numbers; their order
   * matters.
   */
  static keyed(...keys: readonly number[]): Random {
    // digits of pi: nothing up the sleeve
    const words: [number, number, number, number] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    for (const key of keys) {
      const low = key >>> 0;
      const high = Math.floor(key / 2 ** 32) >>> 0;
      for (let i = 0; i < 4; i++)
        words[i] = mix((words[i]! ^ mix(low ^ Math.imul(i + 1, 0x9e3779b1)) ^ rotateLeft(mix(high), i + 1)) >>> 0);
    }
    return new Random(words);
  }

  get state(): RandomState {
    return [...this.s];
  }

  nextUint32(): number {
    const s = this.s;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5) >>> 0, 7), 9) >>> 0;
    const t = (s[1] << 9) >>> 0;
    s[2] = (s[2] ^ s[0]) >>> 0;
    s[3] = (s[3] ^ s[1]) >>> 0;
    s[1] = (s[1] ^ s[2]) >>> 0;
    s[0] = (s[0] ^ s[3]) >>> 0;
    s[2] = (s[2] ^ t) >>> 0;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.nextUint32() >>> 5; // 27 bits
    const low = this.nextUint32() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Fisher-Yates: every order is equally likely. */
  shuffleInPlace<T>(items: T[]): void {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const moved = items[last]!;
      items[last] = items[other]!;
      items[other] = moved;
    }
  }
}

/** First key of every stream, so that two uses with the same seed never share numbers. */
export const randomPurpose = {
  dataOrder: 1,
  tokenWeights: 2,
  evalTokenWeights: 3,
  generation: 4,
  loraInit: 5,
  split: 6,
} as const;
