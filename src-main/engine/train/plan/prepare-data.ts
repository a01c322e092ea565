import { inCheckout } from '../../../shared/build-kind';
import { sampoCommand } from '../../../shared/shell-words';
import { basename } from 'node:path';
import type { PreferencePair, ProblemGroup, RowWarningCode } from '../../../shared/data/dataset';
import { throwFailure } from '../../../shared/result';
import { RowProblems } from '../../../shared/data/row-problems';
import type { RunSpec } from '../../../shared/spec/run-spec';
import { DuplicateFinder } from '../../data/checks/duplicates';
import { isPair, openPairs } from '../../data/read-pairs';
import { splitPairs } from '../../data/split';
import { tokenizePairs } from '../../data/tokenize';
import type { ChatFormat } from '../../tokenizer/types';
import { chosenOnly } from '../../batch/layout';
import { isSupervised } from '../step/objective';
import { PairPacker } from '../../batch/packed-pairs';
import { ProbeDraw, type DrawnPrompt } from '../probes/probe-draw';
import type { TokenizedPair } from '../../batch/types';

export interface PreparedData {
  readonly train: readonly TokenizedPair[];
  readonly held: readonly TokenizedPair[];
  /** Prompts that probes may ask. Of the other texts nothing is kept. */
  readonly prompts: readonly DrawnPrompt[];
  /** Texts among the spec's own probes and those prompts that training sees. */
  readonly trainedPrompts: ReadonlySet<string>;
  readonly problems: readonly ProblemGroup[];
  readonly warnings: readonly ProblemGroup<RowWarningCode>[];
  readonly notes: readonly string[];
  readonly cutPairs: number;
  readonly droppedPairs: number; // left out because they are too long
}

/** Pairs between two looks at who wants to stop. */
const pairsTogether = 32;

/**
 * Reads, tokenizes, cuts and splits a run's dataset in one pass. Bad rows become problems; without one usable pair it
 * refuses.
 */
export async function prepareData(
  spec: RunSpec,
  chat: ChatFormat,
  contextLength: number,
  onProgress: (done: number, total: number) => void,
  pause: () => Promise<void>,
): Promise<PreparedData> {
  const { dataset, training } = spec;
  onProgress(0, 0); // how many there are, reading will tell
  const supervised = isSupervised(spec);
  const options = {
    maxLength: Math.min(training.maxLength, contextLength),
    truncation: training.truncation,
    chosenOnly: supervised,
  };
  const reader = await openPairs(dataset, options);
  const problems = new RowProblems();
  const duplicates = new DuplicateFinder();
  const draw = new ProbeDraw(spec.probes.prompts);
  const packer = new PairPacker();
  const usable: TokenizedPair[] = [];
  const limit = dataset.limit ?? Number.POSITIVE_INFINITY;
  let [pairs, cutPairs] = [0, 0];

  const take = (some: readonly PreferencePair[]): void => {
    tokenizePairs(chat, some, options).forEach((tokens, i) => {
      if ('code' in tokens) {
        problems.add(tokens);
        return;
      }
      const pair = some[i]!;
      usable.push(packer.pack(supervised ? chosenOnly(tokens) : tokens));
      if (tokens.cut.prompt + tokens.cut.chosen + tokens.cut.rejected > 0) cutPairs++;
      if (!supervised) duplicates.add(pair);
      draw.offer(pair.prompt, pair.row);
    });
  };
  for await (const { items, share } of reader.batches) {
    for (const item of items) if (!isPair(item)) problems.add(item);
    const found = items.filter(isPair).slice(0, limit - pairs);
    const total = Math.min(
      limit,
      Math.max(pairs + found.length, Math.round((pairs + found.length) / Math.max(share, 1e-3))),
    ); // as many more as the rest of the file is long
    for (let done = 0; done < found.length; done += pairsTogether) {
      onProgress(pairs + done, total);
      await pause();
      take(found.slice(done, done + pairsTogether));
    }
    pairs += found.length;
    if (pairs >= limit) break;
  }
  onProgress(pairs, pairs);
  if (usable.length === 0) refuseAll(dataset.path, problems);
  const { train, held } = splitPairs(usable, dataset.evalFraction, training.seed);
  return {
    train,
    held,
    prompts: draw.prompts,
    trainedPrompts: draw.among(train),
    problems: problems.groups(),
    warnings: duplicates.warnings.groups(),
    notes: reader.notes(),
    cutPairs,
    droppedPairs: problems.countOf('dropped-too-long', 'prompt-too-long'),
  };
}

function refuseAll(file: string, problems: RowProblems): never {
  const list = problems.list();
  const [first] = list;
  return throwFailure(
    'bad-data',
    `${basename(file)} has no usable pair.${first ? ` Row ${first.row}: ${first.message}` : ''}`,
    inCheckout(
      `${sampoCommand(['data', 'inspect', file], process.platform)} shows its problems; or choose another file.`,
      'Its page under Datasets shows its problems; or choose another file.',
    ),
    { file, problems: list.slice(0, 20), problemGroups: problems.groups() },
  );
}
