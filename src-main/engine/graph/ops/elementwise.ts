import { unary } from './define';

export const neg = unary('neg', (g, _x, _y, d) => g.neg(d));
export const exp = unary('exp', (g, _x, y, d) => g.mul(d, y));
export const log = unary('log', (g, x, _y, d) => g.div(d, x));
export const sqrt = unary('sqrt', (g, _x, y, d) => g.div(g.mul(d, 0.5), y));
export const rsqrt = unary('rsqrt', (g, x, y, d) => g.mul(g.mul(d, -0.5), g.div(y, x)));
export const square = unary('square', (g, x, _y, d) => g.mul(g.mul(d, 2), x));
export const abs = unary('abs', (g, x, _y, d) => g.where(g.less(x, g.constant(0)), g.neg(d), d));
export const sin = unary('sin', (g, x, _y, d) => g.mul(d, g.cos(x)));
export const cos = unary('cos', (g, x, _y, d) => g.neg(g.mul(d, g.sin(x))));
export const tanh = unary('tanh', (g, _x, y, d) => g.mul(d, g.sub(1, g.square(y))));
export const erf = unary('erf', (g, x, _y, d) => g.mul(g.mul(d, 2 / Math.sqrt(Math.PI)), g.exp(g.neg(g.square(x)))));
export const sigmoid = unary('sigmoid', (g, _x, y, d) => g.mul(d, g.mul(y, g.sub(1, y))));
/** d silu = σ(x) (1 + x (1 − σ(x))) = σ(x) + y (1 − σ(x)) */
export const silu = unary('silu', (g, x, y, d) => {
  const s = g.sigmoid(x);
  return g.mul(d, g.add(s, g.mul(y, g.sub(1, s))));
});
export const softplus = unary('softplus', (g, x, _y, d) => g.mul(d, g.sigmoid(x)));
