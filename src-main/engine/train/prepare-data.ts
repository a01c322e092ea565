import { basename } from 'node:path';
import type { PreferencePair, ProblemGroup } from '../../shared/dataset';
import { throwFailure } from '../../shared/result';
import { RowProblems } from '../../shared/row-problems';
import type { RunSpec } from '../../shared/run-spec';
import { readPairs } from '../data/read-pairs';
import { splitPairs } from '../data/split';
import { tokenizePairs } from '../data/tokenize';
import type { ChatFormat } from '../tokenizer/types';
import { chosenOnly } from './layout';
import { isSupervised } from './objective';
import type { TokenizedPair } from './types';

export interface PreparedData {
  readonly train: readonly TokenizedPair[];
  readonly held: readonly TokenizedPair[];
  /** The pairs as they were read, by row: probes take their prompts from here. */
  readonly source: ReadonlyMap<number, PreferencePair>;
  readonly problems: readonly ProblemGroup[];
  readonly cutPairs: number;
  readonly droppedPairs: number; // left out because they are too long
}

/** Reads, tokenizes, cuts and splits a run's dataset. Bad rows become problems; without one usable pair it refuses. */
export async function prepareData(spec: RunSpec, chat: ChatFormat, contextLength: number, onProgress: (done: number, total: number) => void, pause: () => Promise<void>): Promise<PreparedData> {
  const { dataset, training } = spec;
  onProgress(0, 0); // how many there are, reading will tell
  const file = await readPairs(dataset);
  const pairs = dataset.limit === null ? file.pairs : file.pairs.slice(0, dataset.limit);
  const options = { maxLength: Math.min(training.maxLength, contextLength), truncation: training.truncation };
  const problems = new RowProblems();
  for (const problem of file.problems) problems.add(problem);
  const usable: TokenizedPair[] = [];
  for (let done = 0; done < pairs.length; done += 32) {
    onProgress(done, pairs.length);
    await pause();
    for (const tokens of tokenizePairs(chat, pairs.slice(done, done + 32), options))
      if ('code' in tokens) problems.add(tokens);
      else usable.push(tokens);
  }
  onProgress(pairs.length, pairs.length);
  if (usable.length === 0) {
    const [first] = problems.list();
    throwFailure('bad-data', `${basename(dataset.path)} has no usable pair.${first ? ` Row ${first.row}: ${first.message}` : ''}`, 'Look at its problems with "sampo data inspect", or choose another file.', { file: dataset.path, problems: problems.list().slice(0, 20) });
  }
  const split = splitPairs(usable, dataset.evalFraction, training.seed);
  const rows = (list: readonly TokenizedPair[]): readonly TokenizedPair[] => (isSupervised(spec) ? list.map(chosenOnly) : list);
  return {
    train: rows(split.train),
    held: rows(split.held),
    source: new Map(pairs.map((pair) => [pair.row, pair])),
    problems: problems.groups(),
    cutPairs: usable.filter(({ cut }) => cut.prompt + cut.chosen + cut.rejected > 0).length,
    droppedPairs: problems.countOf('dropped-too-long', 'prompt-too-long'),
  };
}
