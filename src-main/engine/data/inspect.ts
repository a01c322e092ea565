import type { DatasetInspection, PairPreview, PreferencePair, RowProblem } from '../../shared/dataset';
import { answerText, promptText } from '../../shared/pair-text';
import { RowProblems } from '../../shared/row-problems';
import { datasetVerdict, lengthProfile, type PairLengths } from '../../shared/length-profile';
import { eachWithDeadline } from '../tokenizer/deadline';
import type { ChatFormat } from '../tokenizer/types';
import type { TokenizedPair } from '../train/types';
import type { PairsFile } from './read-pairs';
import { encodePair, tokenizePair } from './tokenize';

const words = (text: string): number => text.split(/\s+/).filter(Boolean).length;

/** Length profile, problems and verdict of a file; in tokens where a tokenizer is given (uncut unless `maxLength` is), in words otherwise. */
export function inspectPairs(file: PairsFile, format: ChatFormat | null, maxLength: number | null): DatasetInspection {
  const problems = new RowProblems();
  for (const problem of file.problems) problems.add(problem);
  const lengths: PairLengths[] = [];
  const measure = (pair: PreferencePair): void => {
    if (format === null) {
      lengths.push({ prompt: words(promptText(pair.prompt)), chosen: words(answerText(pair.chosen)), rejected: words(answerText(pair.rejected)) });
      return;
    }
    const tokens = tokenizePair(format, pair, { maxLength: maxLength ?? Number.MAX_SAFE_INTEGER, truncation: 'fit' });
    if ('code' in tokens) problems.add(tokens);
    else lengths.push({ prompt: tokens.promptIds.length, chosen: tokens.chosenIds.length, rejected: tokens.rejectedIds.length });
  };
  eachWithDeadline(file.pairs, ({ row }) => row, measure);
  const duplicates = file.pairs.length - new Set(file.pairs.map(({ prompt }) => promptText(prompt))).size;
  const profile = lengthProfile(lengths, format === null ? 'words' : 'tokens', duplicates);
  return {
    format: file.format, rows: file.rows, usable: lengths.length, problems: problems.list(), problemGroups: problems.groups(), warnings: [], notes: [], profile, verdict: datasetVerdict(profile),
  };
}

/** Which tokens of a response count, for one pair: 1 kept, 0 dropped by SamPO. */
export type KeptTokens = (pair: TokenizedPair) => { readonly chosen: ArrayLike<number>; readonly rejected: ArrayLike<number> };

/** A pair as the model sees it: every token with its text, its part, whether truncation cut it and whether SamPO keeps it. */
export function previewPair(format: ChatFormat, pair: PreferencePair, maxLength: number, kept: KeptTokens): PairPreview | RowProblem {
  const tokens = tokenizePair(format, pair, { maxLength, truncation: 'fit' });
  if ('code' in tokens) return tokens;
  const whole = encodePair(format, pair);
  const prompt = tokens.promptIds.length;
  const weights = kept(tokens);
  const part = (ids: readonly number[], name: 'chosen' | 'rejected', within: number): PairPreview['tokens'] =>
    ids.slice(prompt).map((id, i) => ({ id, text: format.decode([id], false), part: name, cut: i >= within, kept: i < within && weights[name][i] !== 0 }));
  return {
    row: pair.row,
    tokens: [
      ...tokens.promptIds.map((id) => ({ id, text: format.decode([id], false), part: 'prompt' as const, cut: false, kept: true })),
      ...part(whole.chosen, 'chosen', tokens.chosenIds.length),
      ...part(whole.rejected, 'rejected', tokens.rejectedIds.length),
    ],
    promptTokens: prompt,
    chosenTokens: tokens.chosenIds.length,
    rejectedTokens: tokens.rejectedIds.length,
  };
}
