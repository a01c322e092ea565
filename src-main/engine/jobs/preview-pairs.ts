import { samplingModes, type SamplingMode } from '../../shared/catalogue/method-catalogue';
import type { PairPreview, PreferencePair } from '../../shared/data/dataset';
import { largest } from '../../shared/extremes';
import { Random, randomPurpose } from '../../shared/random';
import { throwFailure } from '../../shared/result';
import { previewPair, type KeptTokens } from '../data/inspect';
import { isPair, openPairs } from '../data/read-pairs';
import { everyToken, needsRatios, tokenWeights } from '../methods/sampling';
import type { DataSource, EngineJobs } from '../protocol';
import { eachWithDeadline } from '../tokenizer/deadline';
import { openModel } from '../source/open-model';

/**
 * Pairs as the model sees them; the tokens shown as kept are those that the first epoch of a run with this seed draws.
 */
export async function previewPairsJob({
  modelPath,
  maxLength,
  rows,
  sampling,
  seed,
  ...data
}: EngineJobs['preview-pairs']['in']): Promise<readonly PairPreview[]> {
  const mode = samplingMode(sampling);
  const pairs = await rowsOf(data, rows);
  const source = await openModel(modelPath);
  try {
    const chat = await source.tokenizer();
    const kept: KeptTokens = ({ row, chosenIds, rejectedIds }) => {
      if (needsRatios(mode))
        return {
          chosen: everyToken(chosenIds.length, 0).chosenPolicy,
          rejected: everyToken(rejectedIds.length, 0).chosenPolicy,
        }; // which tokens those are only training knows
      const random = Random.keyed(randomPurpose.tokenWeights, seed, 0, row);
      const { chosenPolicy, rejectedPolicy } = tokenWeights(mode, chosenIds.length, rejectedIds.length, () =>
        random.next(),
      );
      return { chosen: chosenPolicy, rejected: rejectedPolicy };
    };
    const previews: PairPreview[] = [];
    eachWithDeadline(
      pairs,
      ({ row }) => row,
      (pair) => {
        const preview = previewPair(chat, pair, maxLength, kept);
        if (!('code' in preview)) previews.push(preview); // rows with problems are listed by the inspection
      },
    );
    return previews;
  } finally {
    await source.close();
  }
}

/** The pairs of some rows; reading ends with the last of them. */
async function rowsOf(data: DataSource, rows: readonly number[]): Promise<readonly PreferencePair[]> {
  const wanted = new Set(rows);
  const found: PreferencePair[] = [];
  const last = largest(rows, (row) => row) ?? 0;
  for await (const { items } of (await openPairs(data)).batches) {
    for (const item of items) if (isPair(item) && wanted.has(item.row)) found.push(item);
    if (items.length > 0 && items.at(-1)!.row >= last) break;
  }
  return found;
}

function samplingMode(name: string): SamplingMode {
  return (
    samplingModes.find((mode) => mode === name) ??
    throwFailure('bad-input', `There is no sampling mode ${name}.`, `Known are ${samplingModes.join(', ')}.`)
  );
}
