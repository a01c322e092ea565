import { z } from 'zod';

/**
 * Rank and alpha of the adapters of a run as it trains them: those of `adapter.from` where a spec names one,
 * else the spec’s.
 */
const size = { rank: z.number(), alpha: z.number() };
export const loraInUseSchema = z.object({
  ...size,
  /** Hugging Face names (without `.weight`) of the adapted layers. */
  modules: z.array(z.string()).readonly(),
  /** scale = alpha / √rank. */
  rankStabilized: z.boolean().optional(),
  /** Layers with a rank or an alpha of their own. */
  own: z.record(z.string(), z.object(size).readonly()).readonly().optional(),
});
export type LoraInUse = Readonly<z.infer<typeof loraInUseSchema>>;

/** What a checkpoint's state file says of it; null: all weights are trained. */
export const checkpointStateFile = 'state.json';
export const checkpointLoraSchema = z.union([
  z.object({ state: z.object({ lora: loraInUseSchema.nullable() }) }).transform(({ state }) => state.lora),
  z.object({ version: z.literal(1), lora: loraInUseSchema.nullable() }).transform(({ lora }) => lora),
]);

/** In words, for model cards and warnings: "rank 8, alpha 16". */
export function loraWords({ rank, alpha, modules, rankStabilized, own = {} }: LoraInUse): string {
  const layers = `${modules.length} ${modules.length === 1 ? 'layer' : 'layers'}`;
  const stabilized = rankStabilized ? ', rank-stabilized (scale alpha / √rank)' : '';
  const others = Object.keys(own).length;
  const [ranks, alphas] = [spread([rank, ...valuesOf(own, 'rank')]), spread([alpha, ...valuesOf(own, 'alpha')])];
  const mixed = others === 0 ? '' : ` (${others} of them with their own: ranks ${ranks}, alphas ${alphas})`;
  return `rank ${rank}, alpha ${alpha}${stabilized}, ${layers}${mixed}`;
}

const valuesOf = (own: NonNullable<LoraInUse['own']>, of: 'rank' | 'alpha'): readonly number[] =>
  Object.values(own).map((value) => value[of]);
const spread = (values: readonly number[]): string => {
  const different = [...new Set(values)].sort((a, b) => a - b);
  return different.length < 3 ? different.join(' and ') : `${different[0]!} to ${different.at(-1)!}`;
};
