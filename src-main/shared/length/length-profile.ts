import type { LengthProfile, LengthSummary } from '../data/dataset';
import { largest, smallest } from '../extremes';
import { percent, plural, shareRange } from './length-words';
import { wilson } from '../statistics';

/** Lengths of one pair's parts in one unit. */
export interface PairLengths {
  readonly prompt: number;
  readonly chosen: number;
  readonly rejected: number;
}

/** Length statistics of both sides (docs/methods.md, "Length diagnostics"). Null for no pairs. */
export function lengthProfile(
  lengths: readonly PairLengths[],
  unit: LengthProfile['unit'],
  duplicatePrompts: number,
): LengthProfile | null {
  if (lengths.length === 0) return null;
  const pairs = lengths.length;
  const longer = lengths.filter((l) => l.chosen > l.rejected).length;
  const equal = lengths.filter((l) => l.chosen === l.rejected).length;
  const preferLonger = longer + equal / 2;
  const rule = preferLonger >= pairs / 2 ? 'longer' : 'shorter';
  const right = rule === 'longer' ? preferLonger : pairs - preferLonger;
  const longest = largest(lengths, (l) => Math.max(l.chosen, l.rejected)) ?? 0;
  const binWidth = niceWidth(longest / 30);
  const bins = Math.floor(longest / binWidth) + 1;
  const deltas = lengths.map((l) => l.chosen - l.rejected);
  const [least, most] = [smallest(deltas) ?? 0, largest(deltas) ?? 0];
  const deltaWidth = niceWidth((most - least) / 30);
  const start = Math.floor(least / deltaWidth) * deltaWidth;
  const deltaBins = Math.floor((most - start) / deltaWidth) + 1;
  return {
    unit,
    pairs,
    prompt: summary(lengths.map((l) => l.prompt)),
    chosen: summary(lengths.map((l) => l.chosen)),
    rejected: summary(lengths.map((l) => l.rejected)),
    chosenLonger: longer / pairs,
    equal: equal / pairs,
    lengthOnlyAccuracy: right / pairs,
    lengthOnlyRule: rule,
    lengthOnlyInterval: wilson(right, pairs),
    histogram: {
      binWidth,
      chosen: histogram(
        lengths.map((l) => l.chosen),
        0,
        binWidth,
        bins,
      ),
      rejected: histogram(
        lengths.map((l) => l.rejected),
        0,
        binWidth,
        bins,
      ),
    },
    deltaHistogram: { binWidth: deltaWidth, start, counts: histogram(deltas, start, deltaWidth, deltaBins) },
    duplicatePrompts,
  };
}

function summary(values: readonly number[]): LengthSummary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

/** 1, 2 or 5 times a power of ten, at least 1. */
function niceWidth(width: number): number {
  if (width <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(width));
  return power * ([1, 2, 5, 10].find((step) => step * power >= width) ?? 10);
}

function histogram(values: readonly number[], start: number, width: number, bins: number): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor((value - start) / width)]! += 1;
  return counts;
}

/**
 * From which accuracy on a rule by length alone gives the preference away, and up to which it tells nothing worth
 * knowing.
 */
const lengthOnlyThresholds = { tells: 0.55, silent: 0.6 } as const;

/**
 * What the lengths of a dataset mean, from the interval of the length-only rule's accuracy: `tells` where even its
 * lower end is well above a coin, `hardly` where it leaves out a coin's 50 % by little, `silent` where its upper end is
 * low too, `too-few` where the pairs cannot decide.
 */
export function lengthTells({
  lengthOnlyInterval: [low, high],
}: Pick<LengthProfile, 'lengthOnlyInterval'>): 'tells' | 'hardly' | 'silent' | 'too-few' {
  if (low >= lengthOnlyThresholds.tells) return 'tells';
  if (low > 0.5) return 'hardly';
  return high <= lengthOnlyThresholds.silent ? 'silent' : 'too-few';
}

/** The same as a sentence of measured numbers. */
export function datasetVerdict(profile: LengthProfile | null): string {
  if (profile === null) return 'No usable pair, so nothing can be said about length.';
  const { pairs, chosen, rejected, unit, chosenLonger, lengthOnlyAccuracy, lengthOnlyInterval, lengthOnlyRule } =
    profile;
  const basis =
    `chosen is longer in ${percent(chosenLonger)} of ${plural(pairs, 'pair')} (median ${Math.round(chosen.median)} ` +
    `against ${Math.round(rejected.median)} ${unit})`;
  const rule =
    `always picking the ${lengthOnlyRule} response would be right in ${percent(lengthOnlyAccuracy)} ` +
    `(${shareRange(lengthOnlyInterval)})`;
  switch (lengthTells(profile)) {
    case 'tells':
      return `Length gives the preference away: ${basis}; ${rule}. DPO can learn length from these data.`;
    case 'hardly':
      return `Length hardly tells which response is preferred: ${basis}; ${rule}.`;
    case 'silent':
      return `Length does not tell which response is preferred: ${basis}; ${rule}.`;
    case 'too-few':
      return `Too few pairs to say whether length tells which response is preferred (${pairs}): ${basis}; ${rule}.`;
  }
}
