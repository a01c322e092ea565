import type { TokenizedPair, TokenIds } from './types';

const chunkTokens = 1 << 20;

/** Where its three parts begin, and where the last one ends. */
type Places = readonly [start: number, chosen: number, rejected: number, end: number];

/**
 * One pair's ids within a large array that it shares with its neighbours: a million pairs of three small arrays each
 * would take gigabytes of a heap that ends at four.
 */
class PackedPair implements TokenizedPair {
  readonly row: number;
  readonly cut: TokenizedPair['cut'];
  // plain fields: an object of places would cost a million pairs 50 MB
  private readonly ids: Int32Array;
  private readonly start: number;
  private readonly chosenAt: number;
  private readonly rejectedAt: number;
  private readonly end: number;

  constructor({ row, cut }: Pick<TokenizedPair, 'row' | 'cut'>, ids: Int32Array, places: Places) {
    this.row = row;
    this.cut = cut;
    this.ids = ids;
    [this.start, this.chosenAt, this.rejectedAt, this.end] = places;
  }

  get promptIds(): Int32Array {
    return this.ids.subarray(this.start, this.chosenAt);
  }
  get chosenIds(): Int32Array {
    return this.ids.subarray(this.chosenAt, this.rejectedAt);
  }
  get rejectedIds(): Int32Array {
    return this.ids.subarray(this.rejectedAt, this.end);
  }
}

const uncut = { prompt: 0, chosen: 0, rejected: 0 };

/** Puts pairs away compactly, one after the other. */
export class PairPacker {
  private chunk = new Int32Array(0);
  private used = 0;

  pack({ row, promptIds, chosenIds, rejectedIds, cut }: TokenizedPair): TokenizedPair {
    const length = promptIds.length + chosenIds.length + rejectedIds.length;
    if (this.used + length > this.chunk.length) {
      this.chunk = new Int32Array(Math.max(chunkTokens, length));
      this.used = 0;
    }
    const start = this.used;
    const put = (ids: TokenIds): number => {
      this.chunk.set(ids, this.used);
      return (this.used += ids.length);
    };
    const [chosenAt, rejectedAt, end] = [put(promptIds), put(chosenIds), put(rejectedIds)];
    const isUncut = cut.prompt + cut.chosen + cut.rejected === 0;
    return new PackedPair({ row, cut: isUncut ? uncut : cut }, this.chunk, [start, chosenAt, rejectedAt, end]);
  }
}
