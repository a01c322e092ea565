import { describe, expect, it } from 'vitest';
import { inFormWords } from '../../../../src-renderer/state/spec-changes';

describe('hints in the words of the form', () => {
  it.each([
    ['Set dataset.evalFraction to 0.1.', 'Set “Held out” to 10\u202f%.'],
    ['Set dataset.evalFraction to 0.0005: 500 pairs tell', 'Set “Held out” to 0.05\u202f%: 500 pairs tell'],
    ['Lower training.warmupRatio to 0.1.', 'Lower “Warm-up” to 10\u202f%.'],
    ['Set training.evalEvery to 10.', 'Set “Measure held-out pairs every” to 10.'],
    ['Set training.learningRate to 1.25e-6 or less.', 'Set “Learning rate” to 1.25e-6 or less.'],
    ['or set training.truncation to "drop".', 'or set “Pairs that do not fit” to “Leave the pair out”.'],
    ['Raise training.epochs or training.maxSteps, or', 'Raise “Epochs” or “Steps”, or'],
    ['Set dataset.unknown to 0.1.', 'Set dataset.unknown to 0.1.'],
    ['Mend these rows, or go on without them.', 'Mend these rows, or go on without them.'],
  ])('%s', (hint, words) => expect(inFormWords(hint)).toBe(words));
});
