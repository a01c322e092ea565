// O outputs, I inputs, R rank

/**
 * W [O, I] + scale B [O, R] A [R, I] with scale = alpha / rank, as peft's merge_and_unload; in place, since W can be
 * large.
 */
export function mergeLoraInPlace(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  rank: number,
  scale: number,
): void {
  const inputs = a.length / rank;
  const outputs = b.length / rank;
  if (weight.length !== outputs * inputs)
    throw new Error(`a weight of ${weight.length} numbers does not take an adapter of ${outputs} x ${inputs}`);
  const delta = new Float32Array(inputs);
  for (let o = 0; o < outputs; o++) {
    delta.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = b[o * rank + r]!;
      if (factor === 0) continue;
      const row = a.subarray(r * inputs, (r + 1) * inputs);
      for (let i = 0; i < inputs; i++) delta[i] = delta[i]! + factor * row[i]!;
    }
    const start = o * inputs;
    for (let i = 0; i < inputs; i++) weight[start + i] = weight[start + i]! + scale * delta[i]!;
  }
}
