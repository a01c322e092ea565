import type { DatasetInspection, PairPreview, PreferencePair, RowProblem } from '../../shared/data/dataset';
import { datasetVerdict, lengthProfile, type PairLengths } from '../../shared/length/length-profile';
import { wordCount } from '../../shared/data/pair-text';
import { RowProblems } from '../../shared/data/row-problems';
import type { ChatFormat } from '../tokenizer/types';
import type { TokenizedPair, TokenIds } from '../batch/types';
import { DuplicateFinder } from './checks/duplicates';
import { isPair, type PairReader } from './read-pairs';
import { encodePair, tokenizePair, tokenizePairs } from './tokenize';

/** Rows between two looks at who wants to stop. */
const rowsTogether = 128;

/**
 * Length profile, problems and verdict of a file, in one pass; in tokens where a tokenizer is given (uncut unless
 * `maxLength` is), in words otherwise. `onProgress` is called between rows and may throw to end it.
 */
export async function inspectPairs(
  reader: PairReader,
  format: ChatFormat | null,
  maxLength: number | null,
  onProgress: (rows: number, share: number) => Promise<void>,
): Promise<DatasetInspection> {
  const problems = new RowProblems();
  const duplicates = new DuplicateFinder();
  const lengths: PairLengths[] = [];
  const measure = (pairs: readonly PreferencePair[]): void => {
    const measured =
      format === null
        ? pairs.map(inWords)
        : tokenizePairs(format, pairs, { maxLength: maxLength ?? Number.MAX_SAFE_INTEGER, truncation: 'fit' }).map(
            inTokens,
          );
    measured.forEach((found, i) => {
      if ('code' in found) problems.add(found);
      else {
        lengths.push(found);
        duplicates.add(pairs[i]!);
      }
    });
  };
  let rows = 0;
  for await (const { items, share } of reader.batches) {
    for (let first = 0; first < items.length; first += rowsTogether) {
      const some = items.slice(first, first + rowsTogether);
      for (const item of some) if (!isPair(item)) problems.add(item);
      measure(some.filter(isPair));
      rows += some.length;
      await onProgress(rows, share);
    }
  }
  const profile = lengthProfile(lengths, format === null ? 'words' : 'tokens', duplicates.duplicatePrompts);
  return {
    format: reader.format,
    rows,
    usable: lengths.length,
    problems: problems.list(),
    problemGroups: problems.groups(),
    warnings: duplicates.warnings.groups(),
    notes: reader.notes(),
    profile,
    verdict: datasetVerdict(profile),
  };
}

const inWords = ({ prompt, chosen, rejected }: PreferencePair): PairLengths => ({
  prompt: wordCount(prompt.kind === 'text' ? prompt.text : prompt.messages),
  chosen: wordCount(chosen),
  rejected: wordCount(rejected),
});
const inTokens = (tokens: TokenizedPair | RowProblem): PairLengths | RowProblem =>
  'code' in tokens
    ? tokens
    : { prompt: tokens.promptIds.length, chosen: tokens.chosenIds.length, rejected: tokens.rejectedIds.length };

/** Which tokens of a response count, for one pair: 1 kept, 0 dropped by SamPO. */
export type KeptTokens = (pair: TokenizedPair) => {
  readonly chosen: ArrayLike<number>;
  readonly rejected: ArrayLike<number>;
};

/**
 * A pair as the model sees it: every token with its text, its part, whether truncation cut it and whether SamPO keeps
 * it.
 */
export function previewPair(
  format: ChatFormat,
  pair: PreferencePair,
  maxLength: number,
  kept: KeptTokens,
): PairPreview | RowProblem {
  const tokens = tokenizePair(format, pair, { maxLength, truncation: 'fit' });
  if ('code' in tokens) return tokens;
  const whole = encodePair(format, pair);
  const prompt = tokens.promptIds.length;
  const weights = kept(tokens);
  const part = (ids: TokenIds, name: 'chosen' | 'rejected', within: number): PairPreview['tokens'] =>
    Array.from(ids.slice(prompt), (id, i) => ({
      id,
      text: format.decode([id], false),
      part: name,
      cut: i >= within,
      kept: i < within && weights[name][i] !== 0,
    }));
  return {
    row: pair.row,
    tokens: [
      ...Array.from(tokens.promptIds, (id) => ({
        id,
        text: format.decode([id], false),
        part: 'prompt' as const,
        cut: false,
        kept: true,
      })),
      ...part(whole.chosen, 'chosen', tokens.chosenIds.length),
      ...part(whole.rejected, 'rejected', tokens.rejectedIds.length),
    ],
    promptTokens: prompt,
    chosenTokens: tokens.chosenIds.length,
    rejectedTokens: tokens.rejectedIds.length,
  };
}
