import type { AnswerGrowth } from './answer-growth';
import type { ConditionalAccuracy, LengthCorrelation, VerdictPairs } from './length-bias';
import { conditionalAccuracy, lengthCorrelation } from './length-bias';
import {
  correlationRange,
  grouped,
  percent,
  plainNumber,
  plural,
  pointRange,
  signedNumber,
  signedPercent,
  tokenCount,
  tokenRange,
} from './length-words';
import { correlationInterval, excludesZero, isWithin, shareDifference, type Interval } from '../statistics';
import type { Verdict } from '../views/run';

/**
 * Verdicts on length: sentences made of measured numbers, each with its interval, its basis and its doubt
 * (docs/methods.md, "Verdicts on length"). They never say "better" from length alone. An effect is claimed where the
 * whole interval leaves out zero, its absence where the whole interval is small; otherwise neither is. All thresholds
 * stand here.
 */
export const lengthThresholds = {
  /** Fewer pairs than this give no verdict on correlation. */
  minPairs: 20,
  /** A correlation is ruled out where its whole interval lies within this. */
  weakCorrelation: 0.2,
  /** "Strongly" where even the near end of the interval is beyond this. */
  strongCorrelation: 0.5,
  /** The same for the gap between "chosen longer" and "chosen shorter". */
  conditionalGap: 0.2,
  /** Fewer pairs than this on either side give no verdict on the gap. */
  minPairsPerSide: 10,
  /** Answers are "about as long" where the whole interval lies within this share of their length before. */
  answerGrowth: 0.2,
  /** Fewer probes than this give no interval worth naming. */
  minProbes: 3,
  /**
   * Where more of the answers than this ran into the token limit, "about as long" would only mean "as long as allowed".
   */
  cutAnswers: 0.25,
} as const;

const ofSplit = (split: VerdictPairs['split']): string => (split === 'eval' ? 'held-out' : 'training');
const pairsOf = (count: number, split: VerdictPairs['split']): string => plural(count, `${ofSplit(split)} pair`);

/** Does the margin follow the length difference? `kind` is what tests and colours branch on. */
export interface RewardVerdict extends Verdict {
  readonly kind: 'too-few-pairs' | 'no-spread' | 'does-not-follow' | 'uncertain' | 'follows-longer' | 'follows-shorter';
}

export function rewardVerdict(correlation: LengthCorrelation, split: VerdictPairs['split']): RewardVerdict {
  const { pairs, margin, interval, fullMargin } = correlation;
  const basis = `Pearson correlation of margin and Δ length over ${pairsOf(pairs, split)}`;
  const neutral = (kind: RewardVerdict['kind'], text: string): RewardVerdict => ({
    kind,
    text,
    basis,
    level: 'neutral',
  });
  if (pairs < lengthThresholds.minPairs)
    return neutral('too-few-pairs', `Too few pairs to say whether the reward follows length (${pairs}).`);
  if (margin === null || interval === null)
    return neutral(
      'no-spread',
      'All margins or all length differences are equal so far, so a link with length cannot be measured.',
    );
  const numbers = `(r = ${plainNumber(margin, 2)}, ${correlationRange(interval)}, ${pairsOf(pairs, split)})`;
  const all =
    fullMargin !== null && Math.abs(fullMargin - margin) >= 0.05
      ? ` With all tokens, as DPO sees them, r would be ${plainNumber(fullMargin, 2)}.`
      : '';
  const isReal = excludesZero(interval);
  if (isWithin(interval, lengthThresholds.weakCorrelation)) {
    return {
      kind: 'does-not-follow',
      text: `The reward ${isReal ? 'hardly follows' : 'does not follow'} length ${numbers}.${all}`,
      basis,
      level: 'good',
    };
  }
  if (!isReal) {
    return canRuleOutCorrelation(pairs)
      ? neutral(
          'uncertain',
          `Whether the reward follows length cannot be said: the interval is too wide ${numbers}.${all}`,
        )
      : neutral('too-few-pairs', `Too few pairs to say whether the reward follows length ${numbers}.${all}`);
  }
  const longer = margin > 0;
  const nearEnd = Math.min(Math.abs(interval[0]), Math.abs(interval[1]));
  const strength = nearEnd >= lengthThresholds.strongCorrelation ? 'strongly follows' : 'follows';
  const text =
    `The reward ${strength} length: ${longer ? 'longer' : 'shorter'} answers win larger margins ` +
    `${numbers}.${deserved(correlation)}${all}`;
  return neutral(longer ? 'follows-longer' : 'follows-shorter', text);
}

/** So many pairs without any link would be enough to say so. */
const canRuleOutCorrelation = (pairs: number): boolean =>
  isWithin(correlationInterval(0, pairs) ?? [-1, 1], lengthThresholds.weakCorrelation);

/**
 * A model that gave every pair the same margin would show r = 0; one that saw how much better an answer is shows a link
 * where longer answers are better by more. Margins cannot tell that from bias, so a link alone is no warning.
 */
function deserved({ margin, chosenLonger }: LengthCorrelation): string {
  const share = chosenLonger ?? 0.5;
  const isInData = margin !== null && (margin > 0 ? share > 0.5 : share < 0.5);
  return isInData
    ? ` Chosen is longer in ${percent(share)} of them, so part of this may be deserved.`
    : ' The same margin for every pair would give 0.';
}

export interface AccuracyVerdict extends Verdict {
  readonly kind: 'too-few-pairs' | 'even' | 'uncertain' | 'prefers-longer' | 'prefers-shorter';
}

/** Is it right as often where the shorter answer is the better one? What length bias costs shows here. */
export function accuracyVerdict(accuracy: ConditionalAccuracy, split: VerdictPairs['split']): AccuracyVerdict {
  const { chosenLonger, chosenShorter, gap, gapInterval } = accuracy;
  const basis =
    `accuracy on ${pairsOf(chosenShorter.pairs, split)} with the shorter and ${grouped(chosenLonger.pairs)} with ` +
    'the longer answer chosen';
  const side = ({ pairs, accuracy: share }: ConditionalAccuracy['chosenLonger']): string =>
    `${share === null ? 'none' : percent(share)} of ${grouped(pairs)}`;
  const measured = `${side(chosenShorter)} ${ofSplit(split)} pairs right, against ${side(chosenLonger)} where it is longer`;
  const neutral = (kind: AccuracyVerdict['kind'], text: string): AccuracyVerdict => ({
    kind,
    text,
    basis,
    level: 'neutral',
  });
  const fewest = Math.min(chosenLonger.pairs, chosenShorter.pairs);
  if (gap === null || gapInterval === null)
    return neutral(
      'too-few-pairs',
      `Too few pairs to say whether accuracy depends on length (${grouped(chosenShorter.pairs)} with the shorter ` +
        `answer chosen, ${grouped(chosenLonger.pairs)} with the longer).`,
    );
  const numbers = `${measured} (gap ${signedNumber(100 * gap)} points, ${pointRange(gapInterval)})`;
  if (fewest < lengthThresholds.minPairsPerSide)
    return neutral(
      'too-few-pairs',
      `Too few pairs to say whether accuracy depends on length: where chosen is shorter ${numbers}.`,
    );
  const isReal = excludesZero(gapInterval);
  if (isWithin(gapInterval, lengthThresholds.conditionalGap)) {
    return {
      kind: 'even',
      text:
        `It is right ${isReal ? 'nearly' : 'about'} as often where the shorter answer is the better one: ` +
        `${numbers}.`,
      basis,
      level: 'good',
    };
  }
  if (!isReal) {
    return canRuleOutGap(accuracy)
      ? neutral(
          'uncertain',
          'Whether accuracy depends on length cannot be said, the interval is too wide: where chosen is shorter ' +
            `${numbers}.`,
        )
      : neutral(
          'too-few-pairs',
          `Too few pairs to say whether accuracy depends on length: where chosen is shorter ${numbers}.`,
        );
  }
  const longer = gap > 0;
  const text = `It leans to the ${longer ? 'longer' : 'shorter'} answer: where chosen is shorter ${numbers}.`;
  return { kind: longer ? 'prefers-longer' : 'prefers-shorter', text, basis, level: 'warning' };
}

/** So many pairs that are right equally often on both sides would be enough to say so. */
function canRuleOutGap({ chosenLonger, chosenShorter }: ConditionalAccuracy): boolean {
  const share = (chosenLonger.right + chosenShorter.right) / Math.max(1, chosenLonger.pairs + chosenShorter.pairs);
  const even = shareDifference(
    [share * chosenLonger.pairs, chosenLonger.pairs],
    [share * chosenShorter.pairs, chosenShorter.pairs],
  );
  return even !== null && isWithin(even, lengthThresholds.conditionalGap);
}

export interface AnswerVerdict extends Verdict {
  readonly kind:
    | 'no-probes'
    | 'same-answers'
    | 'limit-too-short'
    | 'too-few-probes'
    | 'no-visible-difference'
    | 'about-as-long'
    | 'grew'
    | 'shrank';
}

/** What happened to a run's answers; `whose` starts the sentence ("Answers", "SamPO’s answers"). */
export function answerVerdict(growth: AnswerGrowth | null, whose = 'Answers'): AnswerVerdict {
  if (growth === null)
    return { kind: 'no-probes', text: 'No probe answers to compare yet.', basis: 'no probes', level: 'neutral' };
  const { probes, step, before, ratio, cutAfter, cutBefore, cutEither, limit } = growth;
  const basis =
    `mean tokens of ${plural(probes, 'fixed prompt')}${trainedText(growth)}, answered greedily before training and ` +
    `at step ${step}`;
  const neutral = (kind: AnswerVerdict['kind'], text: string): AnswerVerdict => ({
    kind,
    text,
    basis,
    level: 'neutral',
  });
  const interval: Interval | null = growth.difference && [growth.difference.low, growth.difference.high];
  if (growth.unchanged === probes) {
    const cut = cutBefore > 0 ? `, ${percent(cutBefore)} of them cut at the limit${limitText(limit)}` : '';
    const long = `${tokenCount(before)} tokens each on average${cut}`;
    return neutral('same-answers', `${whose} are word for word the same as before training (${long}).`);
  }
  const lengths = `${tokenCount(growth.after)} against ${tokenCount(before)} tokens`;
  const numbers = `${lengths}, ${signedPercent(ratio - 1)}`;
  const changes = interval !== null && excludesZero(interval) && probes >= lengthThresholds.minProbes;
  const isSmall = interval !== null && isWithin(interval, lengthThresholds.answerGrowth * before);
  if (changes && !isSmall) {
    const grew = ratio > 1;
    const isCut = (grew ? cutAfter : cutBefore) > 0;
    const hidden = isCut
      ? ` ${percent(grew ? cutAfter : cutBefore)} of those ${grew ? 'after' : 'before'} ran into the ` +
        `limit${limitText(limit)}, so it is more.`
      : '';
    const text =
      `${whose} ${grew ? 'grew' : 'shrank'} by ${isCut ? 'at least ' : ''}${percent(Math.abs(ratio - 1))} ` +
      `(${lengths}, ${tokenRange(interval)}).${hidden}`;
    return { kind: grew ? 'grew' : 'shrank', text, basis, level: 'warning' };
  }
  if (cutEither > lengthThresholds.cutAnswers) {
    return neutral(
      'limit-too-short',
      `${whose} cannot be compared: ${percent(cutBefore)} before training and ${percent(cutAfter)} now ran into ` +
        `the limit${limitText(limit)}, too short a limit to see their length.`,
    );
  }
  if (interval === null || probes < lengthThresholds.minProbes)
    return neutral('too-few-probes', `Too few probes to say whether ${lower(whose)} grew (${probes}; ${numbers}).`);
  const cut =
    cutAfter > 0
      ? ` ${percent(cutAfter)} of them ran into the limit${limitText(limit)}, so they may be longer still.`
      : '';
  if (growth.difference?.low === 0 && growth.difference.high === 0)
    return {
      kind: 'about-as-long',
      text:
        `${whose} are in other words, but each has as many tokens as before training (${tokenCount(before)} on ` +
        `average).${cut}`,
      basis,
      level: 'good',
    };
  if (isSmall)
    return {
      kind: 'about-as-long',
      text: `${whose} are about as long as before training (${numbers}, ${tokenRange(interval)}).${cut}`,
      basis,
      level: 'good',
    };
  return neutral(
    'no-visible-difference',
    `${whose} show no visible difference in length (${numbers}, ${tokenRange(interval)}).${cut}`,
  );
}

const limitText = (limit: number | null): string => (limit === null ? '' : ` of ${plural(limit, 'token')}`);
const lower = (whose: string): string => (whose === 'Answers' ? 'answers' : whose);

function trainedText({ trained, probes }: AnswerGrowth): string {
  if (trained === null) return '';
  return trained === 0
    ? ' that training never saw'
    : trained === probes
      ? ' that were trained on'
      : ` (${trained} of them trained on)`;
}

/** Everything a run's verdicts rest on. */
export interface LengthEvidence extends VerdictPairs {
  readonly growth: AnswerGrowth | null;
}

/**
 * A run's verdicts in the order of what they show: its answers, accuracy where the shorter one is better, then the
 * correlation. Empty before anything is measured.
 */
export function runVerdicts({ growth, pairs, split }: LengthEvidence, whose?: string): readonly Verdict[] {
  const answers = growth === null ? [] : [answerVerdict(growth, whose)];
  const ofPairs =
    pairs.length === 0
      ? []
      : [accuracyVerdict(conditionalAccuracy(pairs), split), rewardVerdict(lengthCorrelation(pairs), split)];
  return [...answers, ...ofPairs];
}

type Kind = RewardVerdict['kind'] | AccuracyVerdict['kind'] | AnswerVerdict['kind'];
const undecided: ReadonlySet<string> = new Set<Kind>([
  'no-probes',
  'limit-too-short',
  'too-few-probes',
  'too-few-pairs',
  'no-spread',
  'uncertain',
]);

/** The one line of a run: the first verdict, unless it cannot tell and a later one can. */
export const leadVerdict = (verdicts: readonly Verdict[]): Verdict | null =>
  verdicts.find(({ kind }) => !undecided.has(kind)) ?? verdicts[0] ?? null;
