import { expect, it } from 'vitest';
import { memoryPartWords } from '../../../../../src-main/shared/runs/memory-parts';

it('every part of a run’s memory has a name of its own and a sentence', () => {
  const words = Object.values(memoryPartWords);
  expect(new Set(words.map(([label]) => label)).size).toBe(words.length);
  for (const [label, sentence] of words) {
    expect(label).toMatch(/^[A-Z][a-z]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
