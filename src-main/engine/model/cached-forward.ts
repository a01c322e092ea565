import type { FunctionFactory, GraphBuilder, Update, Value, Variable } from '../graph/types';
import { attention, maskBias } from './attention';
import { familyOf, type ModelConfig } from '../families/registry';
import { runLayers, type LayerMode, type ReadWeight } from './forward';
import { joinHeads } from '../families/shared/layers';
import { rotaryOf, rotaryTables, rotaryValues } from '../families/shared/rope';
import type { LoraPlan } from './lora-plan';

// R rows, P prompt tokens, C cache capacity, K key-value heads, d head dim, V vocabulary

export interface CacheVariables {
  readonly keys: readonly Variable[]; // by layer, f32 [R, K, C, d]
  readonly values: readonly Variable[];
}

export function cacheVariables(
  factory: FunctionFactory,
  config: ModelConfig,
  rows: number,
  capacity: number,
): CacheVariables {
  const shape = [rows, config.kvHeads, capacity, config.headDim];
  const make = (kind: string): readonly Variable[] =>
    Array.from({ length: config.layers }, (_, layer) => factory.variable(`cache/${kind}/${layer}`, 'f32', shape));
  return { keys: make('k'), values: make('v') };
}

export interface CachedRequest {
  readonly config: ModelConfig;
  readonly lora: LoraPlan | null;
  readonly read: ReadWeight;
  readonly cache: CacheVariables;
  readonly ids: Value; // i32 [R, T]
  readonly positions: Value; // i32 [R, T]
  readonly last: Value; // i32 [R]
}

/**
 * Runs `ids` [R, T] at `positions` [R, T] (each row's tokens stand at consecutive positions) against a cache that
 * already holds all earlier positions, writes their keys and values into it and returns the logits [R, V] at `last` [R]
 * (index of each row's last token). Rows may be shorter than T: what padding writes beyond a row's end is never looked
 * at before a real token overwrites it, because a token sees positions up to its own only.
 */
export function cachedLogits(
  factory: FunctionFactory,
  g: GraphBuilder,
  name: string,
  { config, lora, read, cache, ids, positions, last }: CachedRequest,
): { readonly logits: Value; readonly updates: readonly Update[] } {
  const family = familyOf(config);
  const [rows, tokens] = ids.shape as readonly [number, number];
  const capacity = cache.keys[0]!.shape[2]!;
  const x = g.cast(g.gather(read(family.embedding), g.reshape(ids, [rows * tokens])), 'f32');
  const slot = g.reshape(g.range(capacity), [1, 1, 1, capacity]);
  const visible = g.lessEqual(slot, g.reshape(positions, [rows, 1, tokens, 1])); // [R, 1, T, C]
  const place = g.reshape(g.oneHot(positions, capacity), [rows, 1, tokens, capacity]);
  const written = g.reshape(g.sum(place, [2]), [rows, 1, capacity, 1]); // 1 where this call writes
  const mode: LayerMode = {
    name,
    residuals: () => 'none',
    products: 'f32', // one token at a time: reading weights costs more than multiplying
    shared: [maskBias(g, visible), place, written, ...rotaryValues(rotaryTables(g, config, positions))],
    perLayer: (layer) => [g.read(cache.keys[layer]!), g.read(cache.values[layer]!)],
    body: (gf, [fBias, fPlace, fWritten, ...fTables], [oldKeys, oldValues]) => {
      let keys = oldKeys!;
      let values = oldValues!;
      return {
        rotary: rotaryOf(config, fTables),
        attend: (q, k, v) => {
          keys = store(gf, keys, k, fPlace!, fWritten!);
          values = store(gf, values, v, fPlace!, fWritten!);
          return joinHeads(gf, attention(gf, q, keys, values, fBias!));
        },
        extras: () => [keys, values],
      };
    },
  };
  const run = runLayers(factory, g, { config, lora, x, rows, read, mode });
  const rowStart = g.mul(g.cast(g.range(rows), 'f32'), tokens);
  const index = g.cast(g.add(rowStart, g.cast(last, 'f32')), 'i32'); // exact: far below 2^24
  const final = family.finalNorm(g, g.gather(run.x, index), config, read); // [R, D]
  const logits = g.matmul(final, g.cast(read(family.headName(config)), 'f32'), { transposeB: true });
  const updates = run.extras.flatMap(([keys, values], layer): Update[] => [
    { kind: 'assign', variable: cache.keys[layer]!, value: keys! },
    { kind: 'assign', variable: cache.values[layer]!, value: values! },
  ]);
  return { logits, updates };
}

/** cache [R, K, C, d] with new [R, K, T, d] at the places of `place` [R, 1, T, C]. */
function store(g: GraphBuilder, cache: Value, fresh: Value, place: Value, written: Value): Value {
  const [rows, kvHeads, tokens] = fresh.shape as readonly [number, number, number, number];
  const capacity = place.shape[3]!;
  const places = g.broadcastTo(place, [rows, kvHeads, tokens, capacity]);
  const moved = g.batchMatmul(places, fresh, { transposeA: true }); // (R, K, T, C)ᵀ x (R, K, T, d) -> (R, K, C, d)
  return g.add(g.mul(cache, g.sub(1, written)), moved);
}
