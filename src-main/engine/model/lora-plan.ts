import type { LoraInUse } from '../../shared/runs/lora-in-use';

/**
 * LoRA (Hu et al. 2021, arXiv 2106.09685): y = x Wᵀ + scale (x Aᵀ) Bᵀ with scale = alpha / rank (rank-stabilized, arXiv
 * 2312.03732: alpha / √rank); A [rank, in], B [out, rank].
 */
export type LoraPlan = LoraInUse;
export type LoraSize = Pick<LoraInUse, 'rank' | 'alpha'>;

/** Rank, alpha and factor of one adapted module. */
export function sizeIn(plan: LoraPlan, module: string): LoraSize & { readonly scale: number } {
  const { rank, alpha } = plan.own !== undefined && Object.hasOwn(plan.own, module) ? plan.own[module]! : plan;
  return { rank, alpha, scale: alpha / (plan.rankStabilized ? Math.sqrt(rank) : rank) };
}
