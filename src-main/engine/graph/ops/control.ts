import type { GraphBuilder, Value } from '../types';
import { defineOp, only } from './define';

export const stopGradient = defineOp('stopGradient', { infer: ([x]) => x!, gradient: null });

/** The identity; call.ts reads it as a mark. */
export const keep = defineOp('keep', { infer: ([x]) => x!, gradient: (context) => [only(context)] });

/** Input 0, computed after input 1. */
export const after = defineOp('after', { infer: ([x]) => x!, gradient: (context) => [only(context), null] });

export interface OwnGradient {
  rule(g: GraphBuilder, dy: Value): readonly Value[];
  readonly wrtCount: number;
}

/** Inputs: y, wrt…, saved…. Forward y; backward the caller's rule for each of wrt, and nothing through y. */
export const withGradient = defineOp('withGradient', {
  infer: ([y], _attrs: OwnGradient) => y!,
  gradient: (context) => {
    const { wrtCount, rule } = context.node.attrs;
    const given = rule(context.g, only(context));
    if (given.length !== wrtCount)
      throw new Error(`withGradient: the rule gives ${given.length} gradients for ${wrtCount} values`);
    return context.node.inputs.map((_, i) => (i >= 1 && i <= wrtCount ? given[i - 1]! : null));
  },
});
