import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenizePair } from '../../src-main/engine/data/tokenize';
import { generate } from '../../src-main/engine/infer/generate';
import type { Session } from '../../src-main/engine/graph/types';
import { SignalBox } from '../../src-main/engine/signals';
import { train } from '../../src-main/engine/jobs/train';
import { compileTensorflow } from '../../src-main/engine/backends/tensorflow/session';
import type { ChatFormat } from '../../src-main/engine/tokenizer/types';
import { chooseBuckets } from '../../src-main/engine/batch/buckets';
import { weightsFile } from '../../src-main/engine/train/checkpoint/checkpoint';
import { sizeOf } from '../../src-main/engine/batch/layout';
import { loadWeights } from '../../src-main/engine/program/load-weights';
import { promptIds } from '../../src-main/engine/train/probes/probes';
import { buildInferenceProgram } from '../../src-main/engine/program/inference-program';
import { scoreAll } from '../../src-main/engine/infer/score-all';
import type { TokenLogprobs } from '../../src-main/engine/program/scoring';
import type { GenerationShape } from '../../src-main/engine/program/types';
import type { Bucket, TokenizedPair } from '../../src-main/engine/batch/types';
import { openModel } from '../../src-main/engine/source/open-model';
import { openSafetensors } from '../../src-main/engine/weights/safetensors';
import { runSpecSchema, type RunSpecInput } from '../../src-main/shared/spec/run-spec';
import { pearson } from '../../src-main/shared/statistics';
import { examQuestions, Habits, heldPairs } from './corpus';
import { countEmptyWords, withoutEmptyWords } from './world';

/**
 * Runs the sample comparison over several seeds and examines every result: greedy answers to 128 questions, and 300
 * pairs about names that no training pair mentions.
 * node scripts/starter/run.mjs check [starter=resources/starter] [seeds=1,2,3,4,5] [out=FILE.json]
 */
const settings = new Map(process.argv.slice(2).map((arg) => arg.split('=') as [string, string]));
const starter = settings.get('starter') ?? join(process.env['SAMPO_ROOT'] ?? process.cwd(), 'resources', 'starter');
const modelPath = join(starter, 'model');
const seeds = (settings.get('seeds') ?? '1,2,3,4,5').split(',').map(Number);
const never = (): Promise<void> => Promise.resolve();

interface Result {
  readonly name: string;
  readonly seed: number;
  readonly tokens: number; // mean of greedy answers to questions about held-out names
  readonly allTokens: number; // the same over all questions
  readonly emptyWords: number; // a sentence, over all questions
  readonly exact: number; // share of answers that say what was asked, and nothing else, over all questions
  readonly exactHeld: number;
  readonly unfinished: number; // share of answers cut at the limit
  readonly correlation: number | null; // margin against length difference, held-out pairs
  readonly accuracy: number | null;
  readonly accuracyChosenShorter: number | null;
  readonly seconds: number;
}

interface Bench {
  readonly session: Session;
  readonly chat: ChatFormat;
  readonly shape: GenerationShape;
  readonly buckets: readonly Bucket[];
  readonly pairs: readonly TokenizedPair[];
}

const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const total = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0);

async function openBench(): Promise<Bench> {
  const source = await openModel(modelPath);
  const chat = await source.tokenizer();
  const pairs = heldPairs(new Habits()).map(
    ({ prompt, chosen, rejected }, i) =>
      tokenizePair(
        chat,
        { row: i + 1, prompt: { kind: 'messages', messages: [{ role: 'user', content: prompt }] }, chosen, rejected },
        { maxLength: 256, truncation: 'fit' },
      ) as TokenizedPair,
  );
  const buckets = chooseBuckets(pairs.map(sizeOf), { pairsPerStep: 32, microBatchPairs: 'auto', steps: 20 });
  const shape: GenerationShape = { rows: 32, promptTokens: 48, capacity: 48 + 96 };
  const session = await compileTensorflow(buildInferenceProgram(source.config, null, buckets, shape).program);
  await loadWeights(session, source, () => undefined, never);
  return { session, chat, shape, buckets, pairs };
}

const score = ({ session, buckets, pairs }: Bench): Promise<ReadonlyMap<number, TokenLogprobs>> =>
  scoreAll({ session, buckets }, pairs, () => undefined, never);

async function examine(
  bench: Bench,
  reference: ReadonlyMap<number, TokenLogprobs> | null,
): Promise<Omit<Result, 'name' | 'seed' | 'seconds'>> {
  const exam = examQuestions();
  const { session, chat, shape, pairs } = bench;
  const prompts = exam.map(({ question }) =>
    promptIds(chat, { kind: 'messages', messages: [{ role: 'user', content: question }] }),
  );
  const answers = await generate(session, shape, {
    prompts,
    maxNewTokens: 96,
    temperature: 0,
    seed: 0,
    stopIds: chat.stopIds,
    padId: chat.padId,
  });
  const texts = answers.map((a) => chat.decode(a.tokenIds, true));
  const sentences = texts.reduce((sum, text) => sum + Math.max(1, text.split('.').length - 1), 0);
  const right = texts.map((text, i) => (withoutEmptyWords(text) === exam[i]!.rightAnswer ? 1 : 0));
  const held = <T>(values: readonly T[]): readonly T[] => values.filter((_, i) => exam[i]!.held);
  const tokens = answers.map((a) => a.tokenIds.length);

  const policy = reference ? await score(bench) : null;
  const margins = pairs.map(({ row }) => {
    const [p, r] = [policy?.get(row), reference?.get(row)];
    return p && r ? total(p.chosen) - total(r.chosen) - (total(p.rejected) - total(r.rejected)) : 0;
  });
  const longer = pairs.map((p) => p.chosenIds.length - p.rejectedIds.length);
  const positive = (kept: readonly number[]): number | null =>
    policy && kept.length > 0 ? average(kept.map((m) => (m > 0 ? 1 : 0))) : null;
  return {
    tokens: average(held(tokens)),
    allTokens: average(tokens),
    emptyWords: texts.reduce((sum, text) => sum + countEmptyWords(text), 0) / sentences,
    exact: average(right),
    exactHeld: average(held(right)),
    unfinished: average(answers.map((a) => (a.finish === 'length' ? 1 : 0))),
    correlation: policy ? pearson(margins, longer) : null,
    accuracy: positive(margins),
    accuracyChosenShorter: positive(margins.filter((_, i) => longer[i]! < 0)),
  };
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'sampo-check-'));
  const bench = await openBench();
  try {
    const reference = await score(bench);
    const results: Result[] = [{ name: 'before', seed: 0, ...(await examine(bench, null)), seconds: 0 }];
    print(results[0]!);
    const samples = JSON.parse(readFileSync(join(starter, 'sample.json'), 'utf8')) as Record<string, RunSpecInput>;
    for (const seed of seeds) {
      for (const [name, sample] of Object.entries(samples)) {
        const spec = runSpecSchema.parse({
          ...sample,
          model: { path: modelPath },
          dataset: { ...sample.dataset, path: join(starter, 'pairs.jsonl') },
          training: { ...sample.training, seed },
          probes: { everySteps: 100000, prompts: sample.probes?.prompts?.slice(0, 1), maxNewTokens: 8 },
        });
        const started = Date.now();
        const { checkpointPath } = await train(
          { spec, runDir: join(work, `${name}-${seed}`), cacheDir: join(work, 'cache'), resume: false },
          { engine: 'tensorflow', signals: new SignalBox(), emit: () => undefined },
        );
        const seconds = (Date.now() - started) / 1000;
        for (const [tensor, stored] of await openSafetensors(join(checkpointPath, weightsFile)))
          bench.session.setVariable(tensor, await stored.read());
        const result = { name, seed, ...(await examine(bench, reference)), seconds };
        results.push(result);
        print(result);
      }
    }
    summarize(results, bench.pairs);
    const out = settings.get('out');
    if (out) writeFileSync(out, `${JSON.stringify(results, null, 1)}\n`);
  } finally {
    bench.session.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}

const show = (x: number | null, digits: number): string => (x === null ? '–' : x.toFixed(digits));
const columns =
  '| | seed | tokens, held-out names | tokens, all | empty words a sentence | exact, all | exact, held-out | cut ' +
  'at 96 | correlation | accuracy | where chosen is shorter | s |';

function print(r: Result): void {
  if (r.name === 'before') console.log(`${columns}\n${'|---'.repeat(12)}|`);
  console.log(
    `| ${r.name} | ${r.seed || '–'} | ${show(r.tokens, 1)} | ${show(r.allTokens, 1)} | ${show(r.emptyWords, 2)} | ` +
      `${show(r.exact, 2)} | ${show(r.exactHeld, 2)} | ${show(r.unfinished, 2)} | ${show(r.correlation, 2)} | ` +
      `${show(r.accuracy, 2)} | ${show(r.accuracyChosenShorter, 2)} | ${show(r.seconds, 0)} |`,
  );
}

function summarize(results: readonly Result[], pairs: readonly TokenizedPair[]): void {
  const [before, ...after] = results;
  for (const name of new Set(after.map((r) => r.name))) {
    const runs = after.filter((r) => r.name === name);
    const growth = runs.map((r) => 100 * (r.tokens / before!.tokens - 1));
    console.log(
      `${name}: ${show(average(runs.map((r) => r.tokens)), 1)} tokens on held-out names against ` +
        `${show(before!.tokens, 1)} before: ` +
        `${growth.map((g) => `${g >= 0 ? '+' : ''}${g.toFixed(0)} %`).join(', ')}; exact ` +
        `${show(average(runs.map((r) => r.exact)), 2)} against ${show(before!.exact, 2)}`,
    );
  }
  const share = (test: (p: TokenizedPair) => boolean): string =>
    `${((100 * pairs.filter(test).length) / pairs.length).toFixed(0)} %`;
  console.log(
    `held-out pairs: chosen longer in ${share((p) => p.chosenIds.length > p.rejectedIds.length)}, equal in ` +
      `${share((p) => p.chosenIds.length === p.rejectedIds.length)}`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
