import { throwFailure } from '../../shared/result';
import type { Json } from './types';

/**
 * Byte pair encoding by ids, as Hugging Face's tokenizers do it: of all neighbours with a merge, the one that stands
 * first in the list, and of equal ones the leftmost. @huggingface/tokenizers looks up pairs by their JSON text, which
 * made reading 260,000 tokens take seconds; everything else around a model is that library's.
 */
export function bytePairs(
  model: Json,
  vocabulary: ReadonlyMap<string, number>,
  where: string,
): (text: string) => readonly string[] {
  const textOf = new Map([...vocabulary].map(([text, id]) => [id, text]));
  const { ranks, merged } = readMerges(model, vocabulary, where);
  const unknown = typeof model.unk_token === 'string' ? vocabulary.get(model.unk_token) : undefined;
  const rankOf = (left: number, right: number): number => ranks.get(left * pairBase + right) ?? -1;

  /**
   * A text's characters: what the vocabulary lacks is its bytes or the unknown token, or nothing where there is
   * neither.
   */
  const symbols = (text: string): number[] => {
    const ids: number[] = [];
    let gap = false; // what went before is unknown too
    for (const character of text) {
      const id = vocabulary.get(character);
      const bytes = id === undefined && model.byte_fallback === true ? byteTokens(character, vocabulary) : null;
      if (id !== undefined) ids.push(id);
      else if (bytes !== null) for (const byte of bytes) ids.push(byte);
      else if (unknown !== undefined && !(gap && model.fuse_unk === true)) ids.push(unknown);
      gap = id === undefined && bytes === null;
    }
    return ids;
  };

  return (text) => {
    if (model.ignore_merges === true && vocabulary.has(text)) return [text];
    return merge(symbols(text), rankOf, merged).map((id) => textOf.get(id)!);
  };
}

/**
 * Above any id (2^24), so that two ids make one number, which a double holds exactly. A power of two would be slow: a
 * Map looks at a number's lowest 32 bits, and would find hundreds of pairs in one place.
 */
const pairBase = 0x1b873593;

function byteTokens(character: string, vocabulary: ReadonlyMap<string, number>): readonly number[] | null {
  const ids = [...Buffer.from(character)].map((byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return ids.every((id) => id !== undefined) ? (ids as readonly number[]) : null;
}

/** Merges are "a b", or [a, b] in newer files. */
function readMerges(
  { merges }: Json,
  vocabulary: ReadonlyMap<string, number>,
  where: string,
): { readonly ranks: ReadonlyMap<number, number>; readonly merged: readonly number[] } {
  const ranks = new Map<number, number>();
  const merged: number[] = [];
  const shown = (rank: number): string => JSON.stringify((merges as readonly unknown[])[rank]);
  const refuse = (rank: number, why: string): never =>
    throwFailure(
      'bad-model',
      `tokenizer.json of ${where}: model.merges[${rank}] is ${shown(rank)}, and ${why}.`,
      'The list of merges and the vocabulary are of different models, or the file is damaged. Download it again.',
      { file: where, field: 'model.merges', index: rank },
    );
  (Array.isArray(merges) ? (merges as readonly unknown[]) : []).forEach((entry, rank) => {
    const parts: readonly unknown[] = typeof entry === 'string' ? entry.split(' ') : Array.isArray(entry) ? entry : [];
    const [left, right] = parts;
    if (parts.length !== 2 || typeof left !== 'string' || typeof right !== 'string')
      return refuse(rank, 'a merge is two texts');
    const id = (text: string): number =>
      vocabulary.get(text) ?? refuse(rank, `the vocabulary lacks ${JSON.stringify(text)}`);
    ranks.set(id(left) * pairBase + id(right), rank);
    merged.push(id(left + right));
  });
  return { ranks, merged };
}

const places = 2 ** 32;

/**
 * A heap of rank and place in one number gives the next merge; the symbols are a linked list, so long texts stay fast.
 */
function merge(
  ids: number[],
  rankOf: (left: number, right: number) => number,
  merged: readonly number[],
): readonly number[] {
  const count = ids.length;
  if (count < 2) return ids;
  const after = ids.map((_, i) => (i + 1 < count ? i + 1 : -1));
  const before = ids.map((_, i) => i - 1);
  const heap: number[] = [];
  const look = (at: number): void => {
    const rank = after[at]! < 0 ? -1 : rankOf(ids[at]!, ids[after[at]!]!);
    if (rank >= 0) push(heap, rank * places + at);
  };
  for (let i = 0; i + 1 < count; i++) look(i);
  for (let next = pop(heap); next !== undefined; next = pop(heap)) {
    const at = next % places;
    const rank = (next - at) / places;
    const right = after[at]!;
    // an older entry: one of the two has merged with another since
    if (ids[at]! < 0 || right < 0 || rankOf(ids[at]!, ids[right]!) !== rank) continue;
    ids[at] = merged[rank]!;
    ids[right] = -1;
    const further = after[right]!;
    after[at] = further;
    if (further >= 0) before[further] = at;
    if (before[at]! >= 0) look(before[at]!);
    look(at);
  }
  return ids.filter((id) => id >= 0);
}

function push(heap: number[], value: number): void {
  let at = heap.length; // one more place
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): number | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= last) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
