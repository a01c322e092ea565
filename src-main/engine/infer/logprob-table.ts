import type { TokenLogprobs } from '../program/scoring';
import type { TokenizedPair } from '../batch/types';

/** Log-probs by row. */
export interface LogprobTable {
  get(row: number): TokenLogprobs | undefined;
}

/** Log-probs of many pairs in one array, chosen then rejected, pair after pair. */
export class PackedLogprobs implements LogprobTable {
  readonly values: Float32Array;
  private readonly places = new Map<number, number>(); // of a row among the pairs
  private readonly starts: Float64Array; // of chosen and rejected in turn, and the end

  constructor(pairs: readonly TokenizedPair[]) {
    this.starts = new Float64Array(2 * pairs.length + 1);
    let at = 0;
    pairs.forEach(({ row, chosenIds, rejectedIds }, i) => {
      this.places.set(row, i);
      this.starts[2 * i + 1] = at += chosenIds.length;
      this.starts[2 * i + 2] = at += rejectedIds.length;
    });
    this.values = new Float32Array(at);
  }

  get(row: number): TokenLogprobs | undefined {
    const i = this.places.get(row);
    if (i === undefined) return undefined;
    const [chosen, rejected, end] = this.starts.subarray(2 * i, 2 * i + 3) as unknown as readonly [
      number,
      number,
      number,
    ];
    return { chosen: this.values.subarray(chosen, rejected), rejected: this.values.subarray(rejected, end) };
  }

  set(row: number, { chosen, rejected }: TokenLogprobs): void {
    const own = this.get(row)!;
    own.chosen.set(chosen);
    own.rejected.set(rejected);
  }
}
