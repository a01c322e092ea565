import { broadcastShape } from '../shapes';
import type { GraphBuilder, NoAttrs, OpDefinition, Value } from '../types';
import { defineOp, expectDType, only, sumTo } from './define';

type Side = (g: GraphBuilder, a: Value, b: Value, y: Value, d: Value) => Value;

/** f32 op of two arguments that broadcast; each side's gradient is summed back to its shape. */
const binary = <const Name extends string>(name: Name, left: Side, right: Side): OpDefinition<NoAttrs, Name> =>
  defineOp(name, {
    infer: ([a, b]) => {
      expectDType(name, ['f32'], a!, b!);
      return { dtype: 'f32', shape: broadcastShape(name, a!, b!) };
    },
    gradient: (context) => {
      const { g, node, needs } = context;
      const [a, b] = node.inputs as readonly [Value, Value];
      const y = node.outputs[0]!;
      const side = (rule: Side, operand: Value, needed: boolean): Value | null =>
        needed ? sumTo(g, rule(g, a, b, y, only(context)), operand.shape) : null;
      return [side(left, a, needs[0]!), side(right, b, needs[1]!)];
    },
  });

const zero = (g: GraphBuilder): Value => g.constant(0);

export const add = binary(
  'add',
  (_g, _a, _b, _y, d) => d,
  (_g, _a, _b, _y, d) => d,
);
export const sub = binary(
  'sub',
  (_g, _a, _b, _y, d) => d,
  (g, _a, _b, _y, d) => g.neg(d),
);
export const mul = binary(
  'mul',
  (g, _a, b, _y, d) => g.mul(d, b),
  (g, a, _b, _y, d) => g.mul(d, a),
);
export const div = binary(
  'div',
  (g, _a, b, _y, d) => g.div(d, b),
  (g, _a, b, y, d) => g.neg(g.div(g.mul(d, y), b)),
);
/** At a tie the gradient goes to the first argument alone. */
export const maximum = binary(
  'maximum',
  (g, a, b, _y, d) => g.where(g.less(a, b), zero(g), d),
  (g, a, b, _y, d) => g.where(g.less(a, b), d, zero(g)),
);
export const minimum = binary(
  'minimum',
  (g, a, b, _y, d) => g.where(g.less(b, a), zero(g), d),
  (g, a, b, _y, d) => g.where(g.less(b, a), d, zero(g)),
);
