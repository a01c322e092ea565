import { afterEach, describe, expect, it, vi } from 'vitest';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import type { Family } from '../../../../../src-main/engine/families/family';
import * as registry from '../../../../../src-main/engine/families/registry';
import type { ModelConfig } from '../../../../../src-main/engine/families/registry';
import { splitHeads } from '../../../../../src-main/engine/families/shared/layers';
import { inverseFrequencies, rotatedHeads } from '../../../../../src-main/engine/families/shared/rope';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { liveNodes } from '../../../../../src-main/engine/graph/live';
import { call } from '../../../../../src-main/engine/graph/ops';
import { ProgramBuilder, updateValues } from '../../../../../src-main/engine/graph/program';
import { isOf } from '../../../../../src-main/engine/graph/scope';
import type { Entry, GraphFunction, Value } from '../../../../../src-main/engine/graph/types';
import { weightReader } from '../../../../../src-main/engine/model/forward';
import { loraPlan } from '../../../../../src-main/engine/model/lora';
import { single } from '../../../../../src-main/engine/model/packs';
import { completionValues } from '../../../../../src-main/engine/model/train-forward';
import { oneLane } from '../../../../../src-main/engine/batch/lanes';
import { buildTrainProgram } from '../../../../../src-main/engine/program/train-program';
import { runSpecSchema } from '../../../../../src-main/shared/spec/run-spec';
import { seeded, tinyLlama, tinyNeox } from '../../../support/tiny-config';

// A family of layers that alternate: even ones attend by position, odd ones without any, as in models that leave
// rotation out of some layers. Its numbers are held against plain loops.

const [layers, width, vocabulary, tokens] = [4, 6, 11, 7];
const config: ModelConfig = tinyLlama({
  ...{ layers, width, vocabulary, heads: 1, kvHeads: 1, headDim: width },
  rope: { theta: 100, dims: width, scaling: null },
});
const modules = ['q', 'k', 'v', 'o'] as const;
const alternating: Family<ModelConfig['family']> = {
  ...registry.familyOf(config),
  embedding: 'embedding',
  headName: () => 'embedding',
  weights: () => [
    { name: 'embedding', shape: [vocabulary, width], role: 'embedding', layer: null, module: null },
    ...Array.from({ length: layers }, (_, layer) =>
      modules.map((module) => {
        const name = `${layer}.${module}.weight`;
        return { name, shape: [width, width], role: 'linear', layer, module } as const;
      }),
    ).flat(),
  ],
  layerPrefix: (layer) => `${layer}.`,
  layerKind: (_config, layer) => (layer % 2 === 0 ? 'rotated' : 'plain'),
  layer: (g, x, { kind, rows, rotary, linears, attend }) => {
    const [q, k, v] = linears(x, ['q', 'k', 'v']) as [Value, Value, Value];
    const heads = (y: Value): Value => splitHeads(g, y, rows, 1);
    const mixed =
      kind === 'rotated'
        ? attend(rotatedHeads(g, q, 1, rotary.query), rotatedHeads(g, k, 1, rotary.key), heads(v))
        : attend(g.mul(heads(q), 1 / Math.sqrt(width)), heads(k), heads(v));
    return g.add(x, linears(mixed, ['o'])[0]!);
  },
  finalNorm: (_g, x) => x,
};

const random = seeded(3);
const weights = new Map(
  alternating
    .weights(config)
    .map(({ name, shape: [rows, columns] }) => [
      name,
      Array.from({ length: rows! }, () => Array.from({ length: columns! }, () => Math.fround(random() - 0.5))),
    ]),
);
const ids = Array.from({ length: tokens }, () => Math.floor(random() * vocabulary));

type Rows = readonly (readonly number[])[];

/** Σ of log-probs of the second to the last token, with plain loops in double precision. */
function plainScore(given: ReadonlyMap<string, Rows>): number {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const times = (x: Rows, name: string): Rows => x.map((row) => given.get(name)!.map((w) => dot(row, w)));
  const frequencies = inverseFrequencies(config.rope);
  const half = width / 2;
  const turned = (x: Rows): Rows =>
    x.map((row, t) =>
      row.map((value, i) => {
        const angle = t * frequencies[i % half]!;
        return value * Math.cos(angle) + (i < half ? -row[i + half]! : row[i - half]!) * Math.sin(angle);
      }),
    );
  let x: Rows = ids.map((id) => given.get('embedding')![id]!);
  for (let layer = 0; layer < layers; layer++) {
    const [q, k, v] = ['q', 'k', 'v'].map((module) => times(x, `${layer}.${module}.weight`)) as [Rows, Rows, Rows];
    const [query, key] = layer % 2 === 0 ? [turned(q), turned(k)] : [q, k];
    const mixed = query.map((row, t) => {
      const exponentials = key.slice(0, t + 1).map((other) => Math.exp(dot(row, other) / Math.sqrt(width)));
      const total = exponentials.reduce((a, b) => a + b, 0);
      return row.map((_, i) => exponentials.reduce((sum, e, s) => sum + (e / total) * v[s]![i]!, 0));
    });
    const out = times(mixed, `${layer}.o.weight`);
    x = x.map((row, t) => row.map((value, i) => value + out[t]![i]!));
  }
  return ids.slice(1).reduce((sum, target, t) => {
    const logits = given.get('embedding')!.map((row) => dot(x[t]!, row));
    return sum + logits[target]! - Math.log(logits.reduce((total, z) => total + Math.exp(z), 0));
  }, 0);
}

/** Functions of layers, in the order of the layers. */
const layerFunctions = (entry: Entry): readonly GraphFunction[] =>
  entry.scope.nodes
    .flatMap((node) => (isOf(node, call) ? [node.attrs.fn] : []))
    .filter((fn) => /layer\d+/.test(fn.name));

const ofForward = (functions: readonly GraphFunction[]): readonly GraphFunction[] =>
  functions.filter((fn) => !fn.name.includes('backward'));

const opsOf = (fn: GraphFunction): readonly string[] => liveNodes(fn.results).map(({ op }) => op.name);

describe('layers of two kinds', () => {
  afterEach(() => vi.restoreAllMocks());

  const build = () => {
    vi.spyOn(registry, 'familyOf').mockReturnValue(alternating);
    const program = new ProgramBuilder();
    const packs = alternating.weights(config).map(single);
    const variables = packs.map((pack) => ({ pack, variable: program.variable(pack.name, 'f32', pack.shape) }));
    const entry = program.entry('score', (g) => {
      const read = weightReader(g, variables);
      const constant = (values: readonly number[], shape: readonly number[]): Value => g.constant(values, 'i32', shape);
      const count = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
      const { logprobs } = completionValues(program, g, 'score', read, {
        ...{ config, lora: null, recomputedLayers: 2, products: 'f32', readReference: null },
        tokens: {
          ids: constant(ids, [1, tokens]),
          positions: constant(count(tokens), [1, tokens]),
          segments: constant(new Array<number>(tokens).fill(0), [1, tokens]),
        },
        completionIndex: constant(count(tokens - 1), [tokens - 1]),
        targets: constant(ids.slice(1), [tokens - 1]),
        head: { gradient: 'all', statistics: false, collision: false },
      });
      const loss = g.sum(logprobs, [0]);
      const found = gradients(g, loss, [read('0.q.weight'), read('3.k.weight')]);
      return { outputs: { loss, rotated: found[0]!, plain: found[1]! }, updates: [] };
    });
    return { entry, program: program.build() };
  };

  it('have a function each, by kind and by what the backward pass keeps', () => {
    const forward = ofForward(layerFunctions(build().entry));
    expect(forward).toHaveLength(layers);
    // the first two are recomputed, the others keep products: four bodies here
    expect(new Set(forward).size).toBe(4);
    const [first, second, third, fourth] = forward.map(opsOf) as [string[], string[], string[], string[]];
    expect(third).toEqual(first);
    expect(fourth).toEqual(second);
    expect(second).not.toEqual(first);
  });

  it('compute what plain loops do, and their gradients what moving a weight does', async () => {
    const session = await compileTensorflow(build().program);
    for (const [name, rows] of weights) session.setVariable(name, Float32Array.from(rows.flat()));
    const { loss, rotated, plain } = session.run('score', {});
    session.dispose();
    expect(Math.abs(loss![0]! - plainScore(weights))).toBeLessThan(1e-4);
    for (const [name, gradient] of [
      ['0.q.weight', rotated!],
      ['3.k.weight', plain!],
    ] as const)
      for (const [row, column] of [
        [0, 0],
        [2, 5],
        [5, 1],
      ] as const) {
        const moved = (by: number): number => {
          const changed = weights.get(name)!.map((r, i) => r.map((w, j) => (i === row && j === column ? w + by : w)));
          return plainScore(new Map([...weights, [name, changed]]));
        };
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(Math.abs(gradient[row * width + column]! - slope), `${name}[${row}, ${column}]`).toBeLessThan(1e-4);
      }
  });
});

describe('layers of one kind', () => {
  /** Live nodes of an entry, those of each called function once. */
  function nodesOf(entry: Entry): number {
    const seen = new Set<GraphFunction>();
    const count = (roots: readonly Value[]): number =>
      liveNodes(roots).reduce((sum, node) => {
        if (!isOf(node, call) || seen.has(node.attrs.fn)) return sum + 1;
        seen.add(node.attrs.fn);
        return sum + 1 + count(node.attrs.fn.results);
      }, 0);
    return count([...Object.values(entry.outputs), ...entry.updates.flatMap(updateValues)]);
  }

  it.each([
    ['llama', tinyLlama(), { accumulate: 1124, evaluate: 518, prefill: 284, decode: 280 }],
    ['gpt-neox', tinyNeox(), { accumulate: 949, evaluate: 448, prefill: 252, decode: 248 }],
  ] as const)(
    '%s: share their function; a step has the nodes that it had before there were kinds',
    (_name, of, nodes) => {
      const { program } = buildTrainProgram({
        config: of,
        lora: loraPlan(of, { rank: 4, alpha: 8, targets: 'all-linear' }),
        method: runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, method: { id: 'sampo' } }).method,
        ...{ storage: 'f32', products: 'f32', liveReference: false, adamBetas: [0.9, 0.999], recomputedLayers: 1 },
        buckets: [{ rows: 2, tokens: 24, completions: 20 }],
        generation: { rows: 2, promptTokens: 5, capacity: 9 },
        lanes: oneLane,
      });
      const entryOf = (name: string): Entry => program.entries.find((entry) => entry.name === name)!;
      const names = {
        accumulate: 'accumulate:0',
        evaluate: 'evaluate:0',
        prefill: 'prefill',
        decode: 'decode',
      } as const;
      const found = Object.entries(names).map(([key, name]) => [key, nodesOf(entryOf(name))]);
      expect(Object.fromEntries(found)).toEqual(nodes);
      expect(new Set(layerFunctions(entryOf('decode'))).size).toBe(1); // two layers
      expect(layerFunctions(entryOf('decode'))).toHaveLength(2);
    },
  );
});
