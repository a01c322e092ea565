import type { AnswerGrowth, ConditionalAccuracy, LengthCorrelation } from './length-bias';
import { correlationInterval } from './statistics';
import type { Verdict } from './views';

/**
 * Verdicts on length: sentences made of measured numbers, each with its basis and its doubt (ux.md, "Language"). They never say "better" from length alone.
 * All thresholds stand here.
 */
export const lengthThresholds = {
  /** Fewer pairs than this give no verdict on correlation. */
  minPairs: 20,
  /** A correlation below this is called "does not follow", whatever its significance. */
  weakCorrelation: 0.2,
  /** From here on "strongly". */
  strongCorrelation: 0.5,
  /** Accuracy gap between "chosen longer" and "chosen shorter" worth a warning. */
  conditionalGap: 0.2,
  /** Fewer pairs than this on either side give no verdict on the gap. */
  minPairsPerSide: 10,
  /** Mean answers that change by less than this share are "about as long". */
  answerGrowth: 0.1,
  /** Fewer probes than this give no interval worth naming. */
  minProbes: 3,
} as const;

const signed = (x: number, digits = 0): string => (x < 0 ? `−${(-x).toFixed(digits)}` : `+${x.toFixed(digits)}`);
const plain = (x: number, digits: number): string => (x < 0 ? `−${(-x).toFixed(digits)}` : x.toFixed(digits));
const percent = (x: number): string => `${Math.round(Math.abs(x) * 100)} %`;
const tokens = (x: number): string => (x < 10 ? x.toFixed(1) : Math.round(x).toString());

/** Does the margin follow the length difference? `kind` is what tests and colours branch on. */
export interface RewardVerdict extends Verdict {
  readonly kind: 'too-few-pairs' | 'no-spread' | 'does-not-follow' | 'uncertain' | 'follows-longer' | 'follows-shorter';
}

export function rewardVerdict(correlation: LengthCorrelation): RewardVerdict {
  const { pairs, margin, fullMargin } = correlation;
  const basis = `Pearson correlation of margin and Δ length over ${pairs} pairs`;
  if (pairs < lengthThresholds.minPairs) {
    return { kind: 'too-few-pairs', text: `Too few pairs yet to say whether the reward follows length (${pairs} of ${lengthThresholds.minPairs}).`, basis, level: 'neutral' };
  }
  if (margin === null) return { kind: 'no-spread', text: 'All margins or all length differences are equal so far, so a link with length cannot be measured.', basis, level: 'neutral' };
  const numbers = `(r = ${plain(margin, 2)}, ${pairs} pairs)`;
  const all = fullMargin !== null && Math.abs(fullMargin - margin) >= 0.05 ? ` With all tokens, as DPO sees them, r would be ${plain(fullMargin, 2)}.` : '';
  if (Math.abs(margin) < lengthThresholds.weakCorrelation) return { kind: 'does-not-follow', text: `The reward does not follow length ${numbers}.${all}`, basis, level: 'good' };
  const interval = correlationInterval(margin, pairs);
  if (interval === null || (interval[0] <= 0 && interval[1] >= 0)) {
    return { kind: 'uncertain', text: `The reward may follow length, but the interval includes zero ${numbers}.${all}`, basis, level: 'neutral' };
  }
  const strength = Math.abs(margin) >= lengthThresholds.strongCorrelation ? 'strongly follows' : 'follows';
  const longer = margin > 0;
  const text = `The reward ${strength} length: ${longer ? 'longer' : 'shorter'} answers win larger margins ${numbers}.${all}`;
  return { kind: longer ? 'follows-longer' : 'follows-shorter', text, basis, level: 'warning' };
}

export interface AccuracyVerdict extends Verdict {
  readonly kind: 'too-few-pairs' | 'even' | 'prefers-longer' | 'prefers-shorter';
}

/** Is it right equally often when the chosen answer is the longer and when it is the shorter one? */
export function accuracyVerdict(accuracy: ConditionalAccuracy): AccuracyVerdict {
  const { chosenLonger, chosenShorter, gap } = accuracy;
  const basis = `${chosenLonger.pairs} pairs with the longer, ${chosenShorter.pairs} with the shorter answer chosen`;
  const fewest = Math.min(chosenLonger.pairs, chosenShorter.pairs);
  if (gap === null || fewest < lengthThresholds.minPairsPerSide) {
    return { kind: 'too-few-pairs', text: `Too few pairs on one side to compare accuracy by length (${basis}).`, basis, level: 'neutral' };
  }
  const numbers = `${percent(chosenLonger.accuracy ?? 0)} right when chosen is longer, ${percent(chosenShorter.accuracy ?? 0)} when it is shorter`;
  if (Math.abs(gap) < lengthThresholds.conditionalGap) return { kind: 'even', text: `Accuracy is about the same on both sides: ${numbers}.`, basis, level: 'good' };
  const longer = gap > 0;
  return { kind: longer ? 'prefers-longer' : 'prefers-shorter', text: `It leans to the ${longer ? 'longer' : 'shorter'} answer: ${numbers}.`, basis, level: 'warning' };
}

export interface AnswerVerdict extends Verdict {
  readonly kind: 'no-probes' | 'no-visible-difference' | 'about-as-long' | 'grew' | 'shrank';
}

/** What happened to a run's answers; `whose` starts the sentence ("Answers", "SamPO’s answers"). */
export function answerVerdict(growth: AnswerGrowth | null, whose = 'Answers'): AnswerVerdict {
  if (growth === null) return { kind: 'no-probes', text: 'No probe answers to compare yet.', basis: 'no probes', level: 'neutral' };
  const basis = `mean tokens of ${growth.probes} fixed prompts, answered greedily before training and at step ${growth.step}`;
  const change = growth.ratio - 1;
  const numbers = `${tokens(growth.after)} against ${tokens(growth.before)} tokens${intervalText(growth)}`;
  const cut = growth.cutAfter > 0 ? ` ${percent(growth.cutAfter)} of them ran into the token limit, so they may be longer still.` : '';
  if (Math.abs(change) < lengthThresholds.answerGrowth) {
    return { kind: 'about-as-long', text: `${whose} are about as long as before training (${numbers}).${cut}`, basis, level: 'good' };
  }
  if (!isCertain(growth)) return { kind: 'no-visible-difference', text: `${whose} show no visible difference in length (${numbers}).${cut}`, basis, level: 'neutral' };
  const grew = change > 0;
  return { kind: grew ? 'grew' : 'shrank', text: `${whose} ${grew ? 'grew' : 'shrank'} by ${percent(change)} (${numbers}).${cut}`, basis, level: 'warning' };
}

/** The interval of the difference leaves out zero. */
const isCertain = ({ probes, difference }: AnswerGrowth): boolean =>
  probes >= lengthThresholds.minProbes && difference !== null && (difference.low > 0 || difference.high < 0);

const intervalText = ({ probes, difference }: AnswerGrowth): string =>
  probes < lengthThresholds.minProbes || difference === null ? '' : `, interval ${signed(difference.low)} to ${signed(difference.high)}`;

/** One sentence per run on the same probes; the first names how many there were. */
export function comparisonVerdict(runs: readonly { readonly name: string; readonly growth: AnswerGrowth | null; readonly correlation: LengthCorrelation }[]): Verdict {
  const measured = runs.filter((run) => run.growth !== null);
  if (measured.length === 0) {
    const parts = runs.map((run) => `${run.name}: ${lowerFirst(rewardVerdict(run.correlation).text)}`);
    return { text: parts.join(' '), basis: 'margins and length differences of the training pairs; no probes were answered', level: 'neutral' };
  }
  const verdicts = measured.map((run) => answerVerdict(run.growth, `${run.name}’s answers`));
  const probes = [...new Set(measured.map((run) => run.growth!.probes))];
  const opening = probes.length === 1 ? `On ${probes[0]} probes ` : '';
  const missing = runs.filter((run) => run.growth === null).map((run) => run.name);
  const rest = missing.length > 0 ? ` No probe answers yet from ${missing.join(', ')}.` : '';
  const text = `${opening}${verdicts.map((v) => v.text).join(' ')}${rest}`;
  const level = verdicts.some((v) => v.level === 'warning') ? 'warning' : verdicts.every((v) => v.level === 'good') ? 'good' : 'neutral';
  return { text, basis: verdicts[0]!.basis, level };
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** The one line a run's row shows: answers when probes tell something, otherwise the margins. */
export function runVerdict(growth: AnswerGrowth | null, correlation: LengthCorrelation): Verdict | null {
  if (growth !== null) return answerVerdict(growth);
  if (correlation.pairs === 0) return null;
  return rewardVerdict(correlation);
}
