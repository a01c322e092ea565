import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compile } from '../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../src-main/engine/backends/tensorflow/session';
import { readAdapter } from '../../../src-main/engine/adapter/adapter';
import { packRows, sizeOf } from '../../../src-main/engine/batch/layout';
import { loadWeights } from '../../../src-main/engine/program/load-weights';
import { itself, setPacks } from '../../../src-main/engine/program/pack-tensors';
import { buildInferenceProgram } from '../../../src-main/engine/program/inference-program';
import type { Bucket, TokenizedPair } from '../../../src-main/engine/batch/types';
import { openModel } from '../../../src-main/engine/source/open-model';
import { largest } from '../../../src-main/shared/extremes';

export interface Golden {
  readonly sequences: readonly (readonly number[])[];
  readonly cases: readonly { readonly name: string; readonly model: string; readonly logprobs: Logprobs }[];
}
export type Logprobs = readonly (readonly number[])[];

export const models = join(import.meta.dirname, 'models');
export const goldens = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
export const golden = (name: string): Logprobs => goldens.cases.find((c) => c.name === name)!.logprobs;

/**
 * A sequence as a pair: its first token is the prompt, the rest the chosen response; `other` rides along as rejected to
 * show that it does not matter.
 */
const asPair = (ids: readonly number[], other: readonly number[], row: number): TokenizedPair => ({
  row,
  promptIds: ids.slice(0, 1),
  chosenIds: ids.slice(1),
  rejectedIds: other,
  cut: { prompt: 0, chosen: 0, rejected: 0 },
});
const pairs = goldens.sequences.map((ids, i) => asPair(ids, [5, 9, 4 + i], i + 1));
const bucket: Bucket = {
  rows: pairs.length,
  tokens: 128,
  completions: pairs.reduce((sum, p) => sum + sizeOf(p).completions, 0) + 3,
};

/** Per-token log-probs of the golden sequences by a model of ours, with an adapter beside it or without. */
export async function score(
  model: string,
  compile: Compile = compileTensorflow,
  adapterFolder: string | null = null,
): Promise<Logprobs> {
  const source = await openModel(model);
  const adapter = adapterFolder === null ? null : await readAdapter(adapterFolder, source.config);
  const { program, packs } = buildInferenceProgram(source.config, adapter?.plan ?? null, [bucket], null);
  const session = await compile(program);
  try {
    await loadWeights(
      session,
      source,
      () => undefined,
      () => Promise.resolve(),
    );
    if (adapter)
      setPacks(
        session,
        packs.filter(({ members }) => adapter.tensors.has(members[0]!.name)),
        itself,
        ({ name }) => adapter.tensors.get(name)!,
      );
    const { feeds, slots } = packRows(pairs, bucket);
    const logprobs = session.run('logprobs:0', feeds).logprobs as Float32Array;
    return pairs.map(({ chosenIds }, b) =>
      Array.from(logprobs.slice(slots[b]!.chosen, slots[b]!.chosen + chosenIds.length)),
    );
  } finally {
    session.dispose();
    await source.close();
  }
}

/** The largest difference of a token; NaN where one has no partner. */
export const furthest = (ours: Logprobs, expected: Logprobs): number =>
  largest(expected.flatMap((row, i) => row.map((e, t) => Math.abs(ours[i]![t]! - e))))!;
