import { describe, expect, it } from 'vitest';
import type { ProbeSample } from '../../../../src-main/shared/metrics/reports';
import {
  diffWords,
  isRepetitive,
  probeLengths,
  probeTable,
  repetition,
  withSample,
  words,
} from '../../../../src-renderer/state/probe-table';

const sample = (step: number, prompt: number, tokens: number, text = 'text'): ProbeSample => ({
  step,
  prompt,
  promptText: `prompt ${prompt}`,
  text,
  tokens,
  finish: 'eos',
});

describe('diffWords', () => {
  const shown = (before: string, after: string): readonly string[] =>
    diffWords(before, after).map(({ kind, text }) => `${kind === 'same' ? '' : kind === 'added' ? '+' : '-'}${text}`);
  it('marks added and removed words', () => {
    expect(shown('A robin has two legs.', 'A robin has two long legs.')).toEqual([
      'A robin has two ',
      '+long ',
      'legs.',
    ]);
    expect(shown('It eats worms.', 'It eats.')).toEqual(['It ', '-eats worms.', '+eats.']);
    expect(shown('', 'new text')).toEqual(['+new text']);
    expect(shown('same', 'same')).toEqual(['same']);
  });
  it('gives both texts back, whatever they are', () => {
    const texts = [
      '',
      ' leading space',
      'line\nbreaks \n\n and  spaces',
      'naïve café 日本語 テスト',
      'a a a a b',
      'b a a',
    ];
    for (const before of texts)
      for (const after of texts) {
        const parts = diffWords(before, after);
        expect(
          parts
            .filter((p) => p.kind !== 'removed')
            .map((p) => p.text)
            .join(''),
        ).toBe(after);
        expect(parts.filter((p) => p.kind === 'added').length).toBeLessThanOrEqual(words(after).length);
      }
  });
  it('does not spend a second on very long answers', () => {
    const long = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ');
    expect(diffWords(long, `${long} more`)).toHaveLength(2);
  });
});

describe('repetition', () => {
  it('is zero for text that says everything once', () => {
    expect(repetition('A robin has two legs and it eats worms in the garden every morning.')).toBe(0);
  });
  it('flags loops, not short answers', () => {
    expect(isRepetitive('to be sure it lives there '.repeat(6))).toBe(true);
    expect(isRepetitive('no no no no')).toBe(false);
    expect(isRepetitive('')).toBe(false);
  });
});

describe('probeTable', () => {
  it('orders steps and prompts', () => {
    const { steps, rows } = probeTable([sample(20, 1, 5), sample(0, 0, 3), sample(0, 1, 4)]);
    expect(steps).toEqual([0, 20]);
    expect(rows.map((row) => [row.promptText, row.byStep.size])).toEqual([
      ['prompt 0', 1],
      ['prompt 1', 2],
    ]);
  });
  it('leaves out steps that are still being answered', () => {
    expect(probeLengths([sample(0, 0, 3), sample(0, 1, 5), sample(20, 0, 9)])).toEqual([
      { step: 0, tokens: 4, count: 2 },
    ]);
  });
  it('replaces an answer that comes again', () => {
    expect(withSample([sample(0, 0, 3)], sample(0, 0, 4)).map((s) => s.tokens)).toEqual([4]);
  });
});
