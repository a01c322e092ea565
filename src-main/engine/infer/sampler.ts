import type { Random } from '../../shared/random';

// V vocabulary

/** The index of the largest logit; the first of equal ones, as torch.argmax and transformers' greedy search take it. */
export function greedy(logits: Float32Array): number {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v]! > logits[best]!) best = v;
  return best;
}

/** Draws from softmax(logits / temperature) in doubles; one random number a draw. Temperature 0 is greedy. */
export function sample(logits: Float32Array, temperature: number, random: Random): number {
  if (temperature === 0) return greedy(logits);
  const top = logits[greedy(logits)]!;
  let total = 0;
  for (let v = 0; v < logits.length; v++) total += Math.exp((logits[v]! - top) / temperature);
  const target = random.next() * total;
  let sum = 0;
  for (let v = 0; v < logits.length; v++) {
    sum += Math.exp((logits[v]! - top) / temperature);
    if (sum > target) return v;
  }
  return greedy(logits); // only by rounding at the very end
}
