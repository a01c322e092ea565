import type { LoraPlan, LoraSize } from './types';

/** Rank, alpha and factor of one adapted module. */
export function sizeIn(plan: LoraPlan, module: string): LoraSize & { readonly scale: number } {
  const { rank, alpha } = plan.own !== undefined && Object.hasOwn(plan.own, module) ? plan.own[module]! : plan;
  return { rank, alpha, scale: alpha / (plan.rankStabilized ? Math.sqrt(rank) : rank) };
}
