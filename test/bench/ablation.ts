import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { readPairs } from '../../src-main/engine/data/read-pairs';
import { tokenizePair } from '../../src-main/engine/data/tokenize';
import { liveNodes } from '../../src-main/engine/graph/live';
import { batchMatmul, call, matmul } from '../../src-main/engine/graph/ops';
import { updateValues } from '../../src-main/engine/graph/program';
import { isOf } from '../../src-main/engine/graph/scope';
import { elementCount } from '../../src-main/engine/graph/shapes';
import type { Call, Entry, Feeds, GraphFunction, Node, Value } from '../../src-main/engine/graph/types';
import { nativeHalves } from '../../src-main/engine/backends/tensorflow/device';
import { compileTensorflow } from '../../src-main/engine/backends/tensorflow/session';
import { initialLora, loraPlan } from '../../src-main/engine/model/lora';
import type { ModelConfig } from '../../src-main/engine/families/registry';
import { chooseBuckets } from '../../src-main/engine/batch/buckets';
import { divideAmongLanes } from '../../src-main/engine/batch/lanes';
import { packRows, sizeOf, type PairSize } from '../../src-main/engine/batch/layout';
import { loadWeights, modelParameters } from '../../src-main/engine/program/load-weights';
import { itself, setPacks } from '../../src-main/engine/program/pack-tensors';
import { buildTrainProgram } from '../../src-main/engine/program/train-program';
import { isHalved } from '../../src-main/engine/program/variables';
import type { Bucket, TokenizedPair } from '../../src-main/engine/batch/types';
import { openModel } from '../../src-main/engine/source/open-model';
import { runSpecSchema } from '../../src-main/shared/spec/run-spec';

// One variant of test/bench/ablation.mjs: LoRA steps of DPO through the training graph itself, with or without each of
// our techniques. A technique that lies in how rows are laid out is switched off in what the graph is fed; the loss
// stays the same, and is printed to show it.

interface Variant {
  readonly sharePrefix: boolean; // off: prompt + chosen and prompt + rejected are rows of their own
  readonly completionsOnly: boolean; // off: the head runs on every token of every row
  readonly cacheReference: boolean; // off: a forward pass of the reference in every step
  readonly buckets: boolean; // off: every row is padded to the longest
  readonly lanes: boolean; // off: one call at a time, on all processors
  readonly keepProducts: boolean; // off: every layer is recomputed whole in the backward pass
  readonly bfloat16: boolean; // on: frozen matrices in bfloat16, multiplied as such where the processor does
}

const {
  model: modelPath,
  rows: rowsPath,
  maxLength,
  pairsPerStep,
  variant,
} = JSON.parse(process.argv[2]!) as {
  model: string;
  rows: string;
  maxLength: number;
  pairsPerStep: number;
  variant: Variant;
};
const { sharePrefix, completionsOnly, cacheReference, keepProducts, bfloat16, lanes: inLanes } = variant;

/**
 * Two rows a pair and their length in common, or one row. Completion slots: all tokens of those rows, or those that
 * predict a response.
 */
function sizeWithout(pair: TokenizedPair): PairSize {
  const shared = sizeOf(pair);
  const tokens = sharePrefix
    ? shared.tokens
    : 2 * (pair.promptIds.length + Math.max(pair.chosenIds.length, pair.rejectedIds.length) - 1);
  return { tokens, completions: completionsOnly ? shared.completions : 0 };
}

interface Shape extends Bucket {
  readonly pairs: number;
}

/** The app's own choice of shapes, for the lengths that this variant has. */
function shapesFor(pairs: readonly TokenizedPair[], lanes: number): readonly Shape[] {
  const sizes = pairs.map(sizeWithout);
  const found = chooseBuckets(sizes, {
    pairsPerStep: Math.ceil(pairsPerStep / lanes),
    microBatchPairs: 'auto',
    steps: 2000,
    maxBuckets: variant.buckets ? 8 : 1,
  });
  return found.map(({ rows, tokens, completions }): Shape => {
    const inGraph = sharePrefix ? { rows, tokens } : { rows: 2 * rows, tokens: Math.ceil(tokens / 2) };
    return {
      ...inGraph,
      pairs: rows,
      completions: completionsOnly ? completions : inGraph.rows * inGraph.tokens + rows,
    }; // and the prompt's last token, which predicts both first tokens
  });
}

/** Longest first, free rows filled with shorter pairs, as batch/micro-batches.ts does. */
function calls(
  pairs: readonly TokenizedPair[],
  shapes: readonly Shape[],
): readonly { readonly bucket: number; readonly pairs: readonly TokenizedPair[] }[] {
  const queue = [...pairs].sort((a, b) => sizeWithout(b).tokens - sizeWithout(a).tokens);
  const made = [];
  while (queue.length > 0) {
    const bucket = shapes.findIndex((s) => sizeWithout(queue[0]!).tokens <= (s.rows / s.pairs) * s.tokens);
    made.push({ bucket, pairs: queue.splice(0, shapes[bucket]!.pairs) });
  }
  return made;
}

interface Packed {
  readonly tokens: Feeds;
  readonly loss: (reference: Float32Array) => Feeds;
  readonly slots: readonly { readonly chosen: number; readonly rejected: number }[];
}

/**
 * Feeds of one call. Without a shared prefix the loss belongs to a pair's first row, and its second one takes the
 * rejected response.
 */
function pack(pairs: readonly TokenizedPair[], shape: Shape): Packed {
  const perPair = shape.rows / shape.pairs;
  const halves = sharePrefix
    ? pairs
    : pairs.flatMap((p): TokenizedPair[] => [
        { ...p, rejectedIds: [] },
        { ...p, chosenIds: p.rejectedIds, rejectedIds: [] },
      ]);
  const { feeds, slots } = packRows(halves, shape);
  const N = shape.completions;
  const membership = new Float32Array(2 * shape.rows * N);
  const weights = new Float32Array(N);
  const tokenCounts = new Float32Array(2 * shape.rows).fill(1);
  const pairScale = new Float32Array(shape.rows);
  const places = pairs.map((pair, i) => {
    const chosen = slots[i * perPair]!.chosen;
    const rejected = sharePrefix ? slots[i]!.rejected : slots[i * perPair + 1]!.chosen;
    membership.fill(1, i * perPair * N + chosen, i * perPair * N + chosen + pair.chosenIds.length);
    membership.fill(
      1,
      (shape.rows + i * perPair) * N + rejected,
      (shape.rows + i * perPair) * N + rejected + pair.rejectedIds.length,
    );
    weights.fill(1, chosen, chosen + pair.chosenIds.length).fill(1, rejected, rejected + pair.rejectedIds.length);
    tokenCounts[i * perPair] = pair.chosenIds.length;
    tokenCounts[shape.rows + i * perPair] = pair.rejectedIds.length;
    pairScale[i * perPair] = 1 / pairsPerStep;
    return { chosen, rejected };
  });
  return {
    tokens: feeds,
    slots: places,
    loss: (referenceLogprobs) => ({
      membership,
      policyWeights: weights,
      referenceWeights: weights,
      referenceLogprobs,
      tokenCounts,
      pairScale,
    }),
  };
}

/** Floating-point operations of all matrix products of an entry but attention's, which depend on the rows. */
function productFlops(entry: Entry): number {
  const outputs = [...Object.values(entry.outputs), ...entry.updates.flatMap(updateValues)];
  const known = new Map<GraphFunction, number>();
  const of = (roots: readonly Value[]): number => liveNodes(roots).reduce((sum, node) => sum + ofNode(node), 0);
  const ofNode = (node: Node): number => {
    if (isOf(node, call)) {
      const { fn } = node.attrs;
      if (fn.kernel?.startsWith('CausalAttention')) return 0;
      if (!known.has(fn)) known.set(fn, of(fn.results));
      return known.get(fn)!;
    }
    if (!isOf(node, matmul) && !isOf(node, batchMatmul)) return 0;
    const { shape } = node.inputs[0]!;
    return (
      2 *
      elementCount(node.outputs[0]!.shape) *
      (node.attrs.transposeA ? shape[shape.length - 2]! : shape[shape.length - 1]!)
    );
  };
  return of(outputs);
}

/**
 * Of one product of attention in every layer: a query with each key that it may see, however many more the engine
 * multiplies.
 */
function attentionFlops({ layers, heads, headDim }: ModelConfig, pairs: readonly TokenizedPair[]): number {
  const pair = ({ promptIds, chosenIds, rejectedIds }: TokenizedPair): number => {
    const [p, c, r] = [promptIds.length, chosenIds.length, rejectedIds.length];
    const response = (n: number): number => n * p + (n * (n + 1)) / 2;
    return (sharePrefix ? 1 : 2) * ((p * (p + 1)) / 2) + response(c) + response(r);
  };
  return 2 * layers * heads * headDim * pairs.reduce((sum, x) => sum + pair(x), 0);
}

async function main(): Promise<void> {
  const source = await openModel(modelPath);
  const chat = await source.tokenizer();
  const file = await readPairs({ path: rowsPath, format: 'auto', columns: null });
  const pairs = file.pairs
    .map((pair) => tokenizePair(chat, pair, { maxLength, truncation: 'fit' }))
    .filter((p): p is TokenizedPair => !('code' in p));
  const lanes = { count: inLanes ? Math.min(2, availableParallelism()) : 1, slotCost: 0.25 };
  const shapes = shapesFor(pairs, lanes.count);
  const lora = loraPlan(source.config, { rank: 16, alpha: 32, targets: 'all-linear' });
  const { method, training } = runSpecSchema.parse({
    version: 1,
    name: 'ablation',
    model: { path: modelPath },
    dataset: { path: rowsPath },
    method: { id: 'dpo', beta: 0.1 },
  });
  const storage = bfloat16 ? 'bf16' : 'f32';
  const started = performance.now();
  const { program, trained } = buildTrainProgram({
    config: source.config,
    lora,
    storage,
    products: bfloat16 && nativeHalves(false).has('bf16') ? 'bf16' : 'f32',
    method,
    liveReference: false,
    adamBetas: training.adamBetas,
    buckets: shapes,
    generation: null,
    recomputedLayers: keepProducts ? 0 : source.config.layers,
    lanes,
  });
  const buildSeconds = (performance.now() - started) / 1000;
  const session = await compileTensorflow(program);
  await loadWeights(
    session,
    source,
    () => undefined,
    () => Promise.resolve(),
    (weight) => (isHalved(weight, lora) ? storage : 'f32'),
  );
  let seed = 1;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const adapters = initialLora(source.config, lora, random);
  setPacks(session, trained, itself, ({ name }) => adapters.get(name)!);

  const steps = Array.from({ length: Math.ceil(pairs.length / pairsPerStep) }, (_, i) =>
    calls(pairs.slice(i * pairsPerStep, (i + 1) * pairsPerStep), shapes).map((call) => ({
      ...call,
      ...pack(call.pairs, shapes[call.bucket]!),
    })),
  );
  type Packed = (typeof steps)[number][number];
  const flopsOf = new Map(program.entries.map((entry) => [entry.name, productFlops(entry)]));
  const reference = new Map<Packed, Float32Array>();
  const score = ({ bucket, tokens }: Packed): Call => ({
    entry: `logprobs:${bucket}`,
    feeds: tokens,
    fetch: ['logprobs'],
  });
  for (const call of steps.flat()) {
    const { entry, feeds, fetch } = score(call);
    // the adapter changes nothing yet: these are the reference's
    reference.set(call, session.run(entry, feeds, fetch)['logprobs'] as Float32Array);
  }
  const accumulate = (call: Packed, lane: number): Call => ({
    entry: `accumulate:${call.bucket}`,
    feeds: {
      ...call.tokens,
      ...call.loss(reference.get(call)!),
      ...(lanes.count > 1 ? { lane: Int32Array.of(lane) } : {}),
    },
    fetch: ['loss', 'logprobs', 'losses', 'entropy', 'meanLogit', 'top1'],
  });

  let lastLoss = 0; // of the last step, after every update of both passes
  let flops = 0;
  const epoch = async (counts: boolean): Promise<number> => {
    const begun = performance.now();
    for (const step of steps) {
      const divided = divideAmongLanes(step, shapes, lanes);
      const results = await session.runLanes(
        divided.map((lane, i) =>
          lane.flatMap((call) => [...(cacheReference ? [] : [score(call)]), accumulate(call, i)]),
        ),
        () => Promise.resolve(false),
      );
      lastLoss = results!.flat().reduce((sum, { loss }) => sum + (loss?.[0] ?? 0), 0);
      for (const { bucket, pairs: members } of counts ? step : []) {
        const attention = attentionFlops(source.config, members);
        // two products forwards, five backwards, which compute the scores again
        flops +=
          flopsOf.get(`accumulate:${bucket}`)! +
          (keepProducts ? 7 : 9) * attention +
          (cacheReference ? 0 : flopsOf.get(`logprobs:${bucket}`)! + 2 * attention);
      }
      session.run('apply', adam);
    }
    return (performance.now() - begun) / 1000;
  };
  await epoch(false); // every shape is optimized at its first use
  const seconds = await epoch(true);
  const loads = steps.flat();
  const peakBytes = 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const found = {
    pairs: pairs.length,
    parameters: modelParameters(source.config),
    seconds,
    pairsPerSecond: pairs.length / seconds,
    gflops: flops / seconds / 1e9,
    flopsPerPair: flops / pairs.length,
    rowTokens: loads.reduce((sum, call) => sum + shapes[call.bucket]!.rows * shapes[call.bucket]!.tokens, 0),
    calls: loads.length,
    shapes: shapes.length,
    buildSeconds,
    peakBytes,
    lastLoss,
  };
  process.stdout.write(`${JSON.stringify(found)}\n`);
  process.exit(0);
}

const adam: Feeds = {
  rate: Float32Array.of(1e-4),
  epsilon: Float32Array.of(1e-8),
  decay: Float32Array.of(1),
  clipNorm: Float32Array.of(1e9),
};

void main();
