import type { Bucket } from '../batch/types';
import { ProgramBuilder } from '../graph/program';
import { familyOf, type ModelConfig } from '../families/registry';
import { adapterPacks, single } from '../model/packs';
import type { LoraPlan } from '../model/lora-plan';
import { oneLane } from '../batch/lanes';
import { addGeneration } from './generation-entries';
import { addLogProbEntry } from './score-entries';
import { plainLayout } from './scoring-layout';
import type { GenerationShape, TrainProgram } from './types';
import { loraSpecs, packsOf, variableOf } from './variables';

/** The parts of a program that only read weights: scoring (`logprobs:<b>`) and generation. */
export function buildInferenceProgram(
  config: ModelConfig,
  lora: LoraPlan | null,
  buckets: readonly Bucket[],
  generation: GenerationShape | null,
): TrainProgram {
  const program = new ProgramBuilder();
  const variables = [...familyOf(config).weights(config).map(single), ...adapterPacks(loraSpecs(config, lora))].map(
    (pack) => variableOf(program, pack),
  );
  buckets.forEach((bucket, index) =>
    addLogProbEntry(
      program,
      'logprobs',
      { config, lora, recomputedLayers: 0, products: 'f32' },
      bucket,
      index,
      variables,
    ),
  );
  if (generation) addGeneration(program, config, lora, generation, variables);
  return {
    program: program.build(),
    buckets,
    packs: packsOf(variables),
    trained: [],
    generation,
    layout: plainLayout,
    liveReference: false,
    lanes: oneLane,
  };
}
