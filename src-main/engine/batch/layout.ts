import type { Feeds } from '../graph/types';
import type { Bucket, TokenizedPair, TokenIds } from './types';

// B rows of T tokens, N completion slots. Row b is the pair's prompt, chosen and rejected with the prompt shared: 0
// prompt, 1 chosen, 2 rejected, 3 padding. The first token of a response is predicted from the prompt's last one;
// data/tokenize.ts refuses pairs whose prompt has no token of its own.

export interface PairSize {
  readonly tokens: number;
  readonly completions: number;
}

/** The last token of a response predicts nothing that is scored, so it needs no place in the row. */
const inputLength = (response: TokenIds): number => Math.max(0, response.length - 1);

/** `withPrompt`: the prompt's own tokens are scored too (all but the first), as ORPO's seed variant wants it. */
export const sizeOf = (pair: TokenizedPair, withPrompt = false): PairSize => ({
  tokens: pair.promptIds.length + inputLength(pair.chosenIds) + inputLength(pair.rejectedIds),
  completions: pair.chosenIds.length + pair.rejectedIds.length + (withPrompt ? pair.promptIds.length - 1 : 0),
});

/** A supervised row: chosen only. */
export const chosenOnly = ({ row, promptIds, chosenIds, cut }: TokenizedPair): TokenizedPair => ({
  row,
  promptIds,
  chosenIds,
  rejectedIds: [],
  cut,
});

/**
 * Where a pair's scored tokens are among the N slots: chosen ones from `chosen`, rejected ones from `rejected`, the
 * prompt's (if scored) from `prompt`.
 */
export interface Slots {
  readonly chosen: number;
  readonly rejected: number;
  readonly prompt: number;
}

export interface PackedRows {
  readonly feeds: Feeds; // ids, positions, segments, completionIndex, targets
  readonly slots: readonly Slots[]; // by pair
}

/** Puts at most B pairs into the static shape of a bucket. */
export function packRows(pairs: readonly TokenizedPair[], bucket: Bucket, withPrompt = false): PackedRows {
  const { rows, tokens, completions } = bucket;
  if (pairs.length > rows) throw new Error(`${pairs.length} pairs do not fit a bucket of ${rows} rows`);
  const ids = new Int32Array(rows * tokens);
  const positions = new Int32Array(rows * tokens);
  const segments = new Int32Array(rows * tokens).fill(3);
  const completionIndex = new Int32Array(completions);
  const targets = new Int32Array(completions);
  const slots: Slots[] = [];
  let slot = 0;

  pairs.forEach((pair, b) => {
    const size = sizeOf(pair, withPrompt);
    if (size.tokens > tokens || slot + size.completions > completions) {
      throw new Error(
        `row ${pair.row} (${size.tokens} tokens, ${size.completions} completion tokens) does not fit bucket ` +
          `${rows} x ${tokens} with ${completions} slots`,
      );
    }
    const start = b * tokens;
    const prompt = pair.promptIds.length;
    let t = start;
    const put = (id: number, position: number, segment: number): void => {
      ids[t] = id;
      positions[t] = position;
      segments[t] = segment;
      t++;
    };
    pair.promptIds.forEach((id, i) => put(id, i, 0));
    const lastOfPrompt = start + prompt - 1;
    const putResponse = (response: TokenIds, segment: number): number => {
      const first = slot;
      response.forEach((id, i) => {
        completionIndex[slot] = i === 0 ? lastOfPrompt : t - 1; // the token before this one in its own sequence
        targets[slot] = id;
        slot++;
        if (i < inputLength(response)) put(id, prompt + i, segment);
      });
      return first;
    };
    const chosen = putResponse(pair.chosenIds, 1);
    const rejected = putResponse(pair.rejectedIds, 2);
    const ownPrompt = slot;
    if (withPrompt)
      pair.promptIds.slice(1).forEach((id, i) => {
        completionIndex[slot] = start + i;
        targets[slot] = id;
        slot++;
      });
    slots.push({ chosen, rejected, prompt: ownPrompt });
  });
  return { feeds: { ids, positions, segments, completionIndex, targets }, slots };
}
