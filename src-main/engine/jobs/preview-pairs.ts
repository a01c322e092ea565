import { samplingModes, type SamplingMode } from '../../shared/method-catalogue';
import type { PairPreview } from '../../shared/dataset';
import { Random, randomPurpose } from '../../shared/random';
import { throwFailure } from '../../shared/result';
import { previewPair, type KeptTokens } from '../data/inspect';
import { readPairs } from '../data/read-pairs';
import { everyToken, needsRatios, tokenWeights } from '../methods/sampling';
import type { EngineJobs } from '../protocol';
import { openModel } from '../weights/open-model';

/** Pairs as the model sees them; the tokens shown as kept are those that the first epoch of a run with this seed draws. */
export async function previewPairsJob({ modelPath, maxLength, rows, sampling, seed, ...data }: EngineJobs['preview-pairs']['in']): Promise<readonly PairPreview[]> {
  const mode = samplingMode(sampling);
  const { pairs } = await readPairs(data);
  const source = await openModel(modelPath);
  try {
    const chat = await source.tokenizer();
    const wanted = new Set(rows);
    const kept: KeptTokens = ({ row, chosenIds, rejectedIds }) => {
      if (needsRatios(mode)) return { chosen: everyToken(chosenIds.length, 0).chosenPolicy, rejected: everyToken(rejectedIds.length, 0).chosenPolicy }; // which tokens those are only training knows
      const random = Random.keyed(randomPurpose.tokenWeights, seed, 0, row);
      const { chosenPolicy, rejectedPolicy } = tokenWeights(mode, chosenIds.length, rejectedIds.length, () => random.next());
      return { chosen: chosenPolicy, rejected: rejectedPolicy };
    };
    return pairs
      .filter((pair) => wanted.has(pair.row))
      .map((pair) => previewPair(chat, pair, maxLength, kept))
      .filter((preview): preview is PairPreview => !('code' in preview)); // rows with problems are listed by the inspection
  } finally {
    await source.close();
  }
}

function samplingMode(name: string): SamplingMode {
  return samplingModes.find((mode) => mode === name) ?? throwFailure('bad-input', `There is no sampling mode ${name}.`, `Known are ${samplingModes.join(', ')}.`);
}
