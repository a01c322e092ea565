import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chatFormat } from '../../src-main/engine/tokenizer/chat-format';
import type { ChatFormat } from '../../src-main/engine/tokenizer/types';
import { elementCount } from '../../src-main/engine/graph/shapes';
import type { Session } from '../../src-main/engine/graph/types';
import { compileTensorflow } from '../../src-main/engine/backends/tensorflow/session';
import { familyOf, type ModelConfig } from '../../src-main/engine/families/registry';
import type { WeightSpec } from '../../src-main/engine/families/types';
import { chooseBuckets } from '../../src-main/engine/batch/buckets';
import { chosenOnly, sizeOf } from '../../src-main/engine/batch/layout';
import { lossOf } from '../../src-main/engine/train/report/metrics';
import { methodOf, objectiveOf } from '../../src-main/engine/train/step/objective';
import { buildTrainProgram } from '../../src-main/engine/program/train-program';
import { adamNames } from '../../src-main/engine/program/variables';
import { trainStep } from '../../src-main/engine/train/step/step';
import type { TokenizedPair } from '../../src-main/engine/batch/types';
import { parseModelConfig } from '../../src-main/engine/weights/config';
import { writeSafetensors } from '../../src-main/engine/weights/safetensors';
import { runSpecSchema } from '../../src-main/shared/spec/run-spec';
import { specialTokens, tokenizerConfigJson, tokenizerJson, type Bpe } from './bpe';
import type { AnsweredQuestion } from './corpus';
import { Rng } from './random';

// A Llama of 3 layers, width 96, 4 heads: 0.39 M parameters

const idOf = (token: (typeof specialTokens)[number]): number => specialTokens.indexOf(token);

export const configJson = (vocabulary: number): Readonly<Record<string, unknown>> => ({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: vocabulary,
  hidden_size: 96,
  intermediate_size: 256,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 24,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  bos_token_id: idOf('<|bos|>'),
  eos_token_id: idOf('<|end|>'),
  pad_token_id: idOf('<|pad|>'),
  dtype: 'float32',
});

export const starterChat = (bpe: Bpe): ChatFormat =>
  chatFormat({
    tokenizer: tokenizerJson(bpe) as Record<string, unknown>,
    config: tokenizerConfigJson as Record<string, unknown>,
    generation: {},
    chatTemplate: null,
    modelEos: [idOf('<|end|>')],
    where: 'the starter model',
  });

const uncut = { prompt: 0, chosen: 0, rejected: 0 };

/** Plain text: the whole of it is learned. */
export const textRows = (chat: ChatFormat, texts: readonly string[]): readonly TokenizedPair[] =>
  texts.map((text, i) => ({
    row: i + 1,
    promptIds: [idOf('<|bos|>')],
    chosenIds: [...chat.encode(text, false), idOf('<|end|>')],
    rejectedIds: [],
    cut: uncut,
  }));

/** A conversation: only the answer is learned. */
export const answerRows = (chat: ChatFormat, rows: readonly AnsweredQuestion[]): readonly TokenizedPair[] =>
  rows.map(({ question, answer }, i) => {
    const asked = { role: 'user', content: question } as const;
    const promptIds = chat.encode(chat.render([asked], true), false);
    const whole = chat.encode(chat.render([asked, { role: 'assistant', content: answer }], false), false);
    return chosenOnly({ row: i + 1, promptIds, chosenIds: whole.slice(promptIds.length), rejectedIds: [], cut: uncut });
  });

export interface Phase {
  readonly name: string;
  readonly rows: readonly TokenizedPair[];
  readonly steps: number;
}

const batch = 32;
const peakRate = 3e-3;
const rateAt = (step: number, steps: number): number =>
  peakRate * Math.min(1, (step + 1) / 50) * (1 - (0.95 * step) / steps);

export interface TrainedModel {
  readonly config: ModelConfig;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly losses: Readonly<Record<string, number>>; // of the last 100 steps of each phase
}

/** From random weights through all phases, each with a fresh optimizer, by the engine that the app trains with. */
export async function trainModel(
  vocabulary: number,
  phases: readonly Phase[],
  seed: number,
  log: (line: string) => void,
): Promise<TrainedModel> {
  const config = parseModelConfig(configJson(vocabulary), 'the starter model');
  const spec = runSpecSchema.parse({
    objective: 'supervised',
    model: { path: '-' },
    dataset: { path: '-' },
    adapter: { kind: 'none' },
    training: { pairsPerStep: batch, adamBetas: [0.9, 0.98], weightDecay: 0.01, clipNorm: 1, seed },
  });
  const steps = phases.reduce((sum, phase) => sum + phase.steps, 0);
  const buckets = chooseBuckets(
    phases.flatMap((p) => p.rows.map(sizeOf)),
    { pairsPerStep: batch, microBatchPairs: 'auto', steps },
  );
  log(`shapes ${buckets.map((b) => `${b.rows} x ${b.tokens}`).join(', ')}`);
  const program = buildTrainProgram({
    config,
    lora: null,
    method: methodOf(spec),
    adamBetas: spec.training.adamBetas,
    buckets,
    generation: null,
    residuals: 'all',
  });
  const session = await compileTensorflow(program.program);
  try {
    initialize(session, config, new Rng(seed));
    const context = { session, buckets, objective: objectiveOf(spec), reference: null, training: spec.training };
    const losses: Record<string, number> = {};
    const rng = new Rng(seed + 1);
    for (const phase of phases) {
      forgetMoments(
        session,
        program.trained.map((pack) => pack.name),
      );
      let order: readonly TokenizedPair[] = [];
      const started = Date.now();
      const recent: number[] = [];
      for (let step = 0; step < phase.steps; step++) {
        if (order.length < batch) order = rng.shuffled(phase.rows);
        const { scored } = (await trainStep(
          context,
          order.slice(0, batch),
          0,
          rateAt(step, phase.steps),
          step + 1,
          () => Promise.resolve(false),
        ))!;
        order = order.slice(batch);
        recent.push(lossOf(scored, true));
        if (step % 100 === 99)
          log(
            `${phase.name} ${step + 1}: loss ${average(recent.slice(-100)).toFixed(3)}, ` +
              `${((Date.now() - started) / 1000).toFixed(0)} s`,
          );
      }
      losses[phase.name] = average(recent.slice(-100));
    }
    const names = familyOf(config)
      .weights(config)
      .map((w) => w.name);
    const values = session.getVariables(names);
    return { config, weights: new Map(names.map((name) => [name, values[name] as Float32Array])), losses };
  } finally {
    session.dispose();
  }
}

const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * Normal weights: 0.02 for embeddings, 1 / √in for linear layers, and less for those that write into the stream of 2 L
 * sums.
 */
function initialize(session: Session, config: ModelConfig, rng: Rng): void {
  const scale = ({ name, role, shape }: WeightSpec): number => {
    if (role === 'embedding') return 0.02;
    const writes = name.includes('o_proj') || name.includes('down_proj');
    return 1 / Math.sqrt(shape[1]!) / (writes ? Math.sqrt(2 * config.layers) : 1);
  };
  for (const weight of familyOf(config).weights(config)) {
    session.setVariable(
      weight.name,
      Float32Array.from({ length: elementCount(weight.shape) }, () =>
        weight.role === 'norm' ? 1 : scale(weight) * rng.normal(),
      ),
    );
  }
}

function forgetMoments(session: Session, trainable: readonly string[]): void {
  for (const name of trainable) {
    const { m, v } = adamNames(name);
    for (const variable of [m, v])
      session.setVariable(variable, new Float32Array(session.getVariable(variable).length));
  }
}

export async function writeModel(folder: string, bpe: Bpe, { config, weights }: TrainedModel): Promise<string> {
  await mkdir(folder, { recursive: true });
  const json = (name: string, value: unknown): Promise<void> =>
    writeFile(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  await json('config.json', config.huggingFace);
  await json('tokenizer.json', tokenizerJson(bpe));
  await json('tokenizer_config.json', tokenizerConfigJson);
  const tensors = familyOf(config)
    .weights(config)
    .map(({ name, shape }) => ({ name, shape, read: () => weights.get(name)! }));
  const { sha256 } = await writeSafetensors(join(folder, 'model.safetensors'), 'F32', tensors);
  return sha256;
}
