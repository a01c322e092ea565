import type { RunSpecInput } from '../../src-main/shared/spec/run-spec';
import { Rng } from './random';
import { factWeights } from './corpus';
import { drawQuestion, heldNames } from './world';

type Sample = Omit<RunSpecInput, 'model' | 'dataset'> & { readonly dataset: { readonly evalFraction: number } };

const probeCount = 40;

/** Questions about names that no pair mentions, as long as those of the pairs, none twice. */
function probeQuestions(): readonly string[] {
  const rng = new Rng(4712);
  const questions = new Set<string>();
  while (questions.size < probeCount) questions.add(drawQuestion(rng, heldNames, factWeights).text);
  return [...questions];
}

/**
 * What the sample comparison runs: both methods on the same pairs, steps, rate and seed. The caller adds the paths of
 * model and dataset.
 */
export function sampleSpecs(): { readonly dpo: Sample; readonly sampo: Sample } {
  const common = {
    version: 1,
    objective: 'preference',
    dataset: { evalFraction: 0.1 },
    adapter: { kind: 'none' },
    // 10 of 150 steps warm up
    training: {
      maxSteps: 150,
      pairsPerStep: 8,
      learningRate: 5e-5,
      schedule: 'constant',
      warmupRatio: 0.066,
      maxLength: 256,
      seed: 42,
      checkpointEvery: 75,
      evalEvery: 50,
    },
    probes: { everySteps: 30, prompts: [...probeQuestions()], maxNewTokens: 96 },
  } as const;
  return {
    dpo: { ...common, name: 'DPO on the starter pairs', method: { id: 'dpo', beta: 0.1 } } as Sample,
    sampo: {
      ...common,
      name: 'SamPO on the starter pairs',
      method: { id: 'sampo', beta: 0.1, sampling: 'shared' },
    } as Sample,
  };
}
