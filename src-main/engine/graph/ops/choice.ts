import { broadcastShape, refuse } from '../shapes';
import type { NoAttrs, OpDefinition } from '../types';
import { defineOp, expectDType, only, sumTo } from './define';

const comparison = <const Name extends string>(name: Name): OpDefinition<NoAttrs, Name> =>
  defineOp(name, {
    infer: ([a, b]) => {
      expectDType(name, ['f32', 'i32'], a!, b!);
      if (a!.dtype !== b!.dtype) refuse(name, 'both sides need one dtype', a!, b!);
      return { dtype: 'bool', shape: broadcastShape(name, a!, b!) };
    },
    gradient: null,
  });

const logical = <const Name extends string>(name: Name): OpDefinition<NoAttrs, Name> =>
  defineOp(name, {
    infer: ([a, b]) => {
      expectDType(name, ['bool'], a!, b!);
      return { dtype: 'bool', shape: broadcastShape(name, a!, b!) };
    },
    gradient: null,
  });

export const less = comparison('less');
export const lessEqual = comparison('lessEqual');
export const equal = comparison('equal');
export const and = logical('and');
export const or = logical('or');
export const not = defineOp('not', {
  infer: ([x]) => {
    expectDType('not', ['bool'], x!);
    return x!;
  },
  gradient: null,
});

/** where(condition, a, b), all three broadcast. */
export const where = defineOp('where', {
  infer: ([condition, a, b]) => {
    expectDType('where', ['bool'], condition!);
    if (a!.dtype !== b!.dtype) refuse('where', 'both choices need one dtype', a!, b!);
    return {
      dtype: a!.dtype,
      shape: broadcastShape('where', condition!, { dtype: a!.dtype, shape: broadcastShape('where', a!, b!) }),
    };
  },
  gradient: (context) => {
    const { g, node, needs } = context;
    const [condition, a, b] = node.inputs;
    const d = only(context);
    const zero = g.constant(0);
    return [
      null,
      needs[1] ? sumTo(g, g.where(condition!, d, zero), a!.shape) : null,
      needs[2] ? sumTo(g, g.where(condition!, zero, d), b!.shape) : null,
    ];
  },
});
