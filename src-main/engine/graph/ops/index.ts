/**
 * All ops but `call` (call.ts), by name. Attributes that lowerings read (output dtype and shape stand in the node's outputs):
 *   input {name}   parameter {index}   constant {data}   fill {value}   range {}   read {variable}
 *   transpose {permutation}   slice {begin, size}   concat {axis}   split {sizes, axis}   roll {shift, axis}   sum, mean, max {axes, keepDims}
 *   matmul, batchMatmul {transposeA, transposeB}   scatterAdd {rows}   oneHot {depth}
 *   stopGradient, keep, withGradient: the identity of input 0   after: input 0 once input 1 is there
 */
export * from './arithmetic';
export * from './choice';
export * from './contraction';
export * from './control';
export * from './elementwise';
export * from './lookup';
export * from './reduce';
export * from './shape';
export * from './source';
