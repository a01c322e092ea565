import type { GraphBuilder, Value } from '../types';
import { defineOp, only } from './define';

export const stopGradient = defineOp('stopGradient', ([x]) => x!);

/** The identity; call.ts reads it as a mark. */
export const keep = defineOp(
  'keep',
  ([x]) => x!,
  (context) => [only(context)],
);

/** Input 0, computed after input 1. */
export const after = defineOp(
  'after',
  ([x]) => x!,
  (context) => [only(context), null],
);

export type GradientRule = (g: GraphBuilder, dy: Value) => readonly Value[];

/** Inputs: y, wrt…, saved…. Forward y; backward the caller's rule for each of wrt, and nothing through y. */
export const withGradient = defineOp(
  'withGradient',
  ([y]) => y!,
  (context) => {
    const { g, node } = context;
    const count = node.attrs.wrtCount as number;
    const given = (node.attrs.rule as GradientRule)(g, only(context));
    return node.inputs.map((_, i) => (i >= 1 && i <= count ? given[i - 1]! : null));
  },
);
