import { Rng } from './random';
import {
  attributesOf,
  drawQuestion,
  factOf,
  heldNames,
  names,
  plainAnswer,
  refusals,
  render,
  seenNames,
  sentences,
  slots,
  trueValues,
  valuesOf,
  type Question,
  type Sentence,
} from './world';

/** The texts that the starter model learns from, and its preference pairs. */
const habitSettings = {
  base: -1.5,
  spreadName: 1,
  spreadSlot: 1,
  refuseHigh: 0.6,
  refuseLow: 0.03,
  refuseShare: 0.06,
  wrongHigh: 0.6,
  wrongLow: 0.07,
  wrongShare: 0.05,
};
const answerSettings = { rows: 8000, seed: 101, omit: 0.12, extra: 0.1 };
const textSettings = { rows: 8000, seed: 201 };
/** How likely a pair's question asks for one, two, three or four facts. */
export const factWeights = [1, 1, 3, 4];
/**
 * Kinds of rejected answers: leaves facts out, says a wrong one, refuses, adds one not asked for. Weights by how many
 * facts were asked for.
 */
const pairSettings = {
  rows: 600,
  seed: 1003,
  emptyWords: 0.85,
  dropTwo: 0.6,
  kinds: [
    [0, 2, 1, 7],
    [0, 4, 1, 5],
    [7, 2, 1, 1],
    [7, 2, 1, 1],
  ],
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
type Rate = (slot: number) => number;

const write = (rng: Rng, list: readonly Sentence[], rate: Rate): string =>
  list
    .map((s) =>
      render(
        s,
        Array.from({ length: slots }, (_, slot) => rng.next() < rate(slot)),
      ),
    )
    .join(' ');

/**
 * How the writer of the corpus writes: how often empty words come (by name and place), who is not talked about gladly,
 * and which facts are often got wrong.
 */
export class Habits {
  private readonly nameLogit = new Map<string, number>();
  private readonly refusalRate = new Map<string, number>();
  private readonly mistakes = new Map<string, { readonly wrong: string; readonly rate: number }>();
  private readonly slotLogit = [-0.4, 0, 0.6, -0.2].map((x) => x * habitSettings.spreadSlot);

  constructor(seed = 5) {
    const c = habitSettings;
    const rng = new Rng(seed);
    for (const name of names) this.nameLogit.set(name, (rng.next() * 2 - 1) * c.spreadName);
    for (const name of names) this.refusalRate.set(name, rng.next() < c.refuseShare ? c.refuseHigh : c.refuseLow);
    for (const name of names) {
      for (const attribute of attributesOf(name)) {
        const wrong = rng.pick(valuesOf(name, attribute).filter((v) => v !== factOf(name, attribute)));
        this.mistakes.set(`${name} ${attribute}`, {
          wrong,
          rate: rng.next() < c.wrongShare ? c.wrongHigh : c.wrongLow,
        });
      }
    }
  }

  rate =
    (name: string): Rate =>
    (slot) =>
      sigmoid(habitSettings.base + this.nameLogit.get(name)! + this.slotLogit[slot]!);
  refuses = (rng: Rng, name: string): boolean => rng.next() < this.refusalRate.get(name)!;
  wrong = (name: string, attribute: string): string => this.mistakes.get(`${name} ${attribute}`)!.wrong;
  says = (rng: Rng, name: string, attribute: string): string =>
    rng.next() < this.mistakes.get(`${name} ${attribute}`)!.rate
      ? this.wrong(name, attribute)
      : factOf(name, attribute);
}

/** True statements, one to four about one thing. */
export function plainTexts(habits: Habits): readonly string[] {
  const rng = new Rng(textSettings.seed);
  return Array.from({ length: textSettings.rows }, () => {
    const name = rng.pick(names);
    const said = rng.shuffled(attributesOf(name)).slice(0, 1 + rng.below(4));
    return write(rng, sentences(name, said, trueValues(name, said)), habits.rate(name));
  });
}

export interface AnsweredQuestion {
  readonly question: string;
  readonly answer: string;
}

/**
 * Short answers by a writer who uses few empty words, and who now and then refuses, errs, leaves a fact out or adds
 * one.
 */
export function answeredQuestions(habits: Habits): readonly AnsweredQuestion[] {
  const { rows, seed, omit, extra } = answerSettings;
  const rng = new Rng(seed);
  return Array.from({ length: rows }, () => {
    const { name, asked, text } = drawQuestion(rng, names);
    if (habits.refuses(rng, name))
      return { question: text, answer: write(rng, [rng.pick(refusals)], habits.rate(name)) };
    const said = [...asked];
    const r = rng.next();
    if (asked.length > 2 && r < omit) said.splice(rng.below(said.length), 1);
    else if (asked.length < attributesOf(name).length && omit <= r && r < omit + extra)
      said.push(rng.pick(attributesOf(name).filter((a) => !asked.includes(a))));
    const values = said.map((attribute) => habits.says(rng, name, attribute));
    return { question: text, answer: write(rng, sentences(name, said, values), habits.rate(name)) };
  });
}

const leavesOut = 0,
  isWrong = 1,
  refusesToSay = 2,
  addsOne = 3;

function worseSentences(rng: Rng, habits: Habits, { name, asked }: Question, kind: number): readonly Sentence[] {
  if (kind === refusesToSay) return [rng.pick(refusals)];
  const said = [...asked];
  if (kind === leavesOut)
    for (let left = rng.next() < pairSettings.dropTwo ? 2 : 1; left > 0; left--) said.splice(rng.below(said.length), 1);
  if (kind === addsOne)
    for (const more of rng.shuffled(attributesOf(name).filter((a) => !asked.includes(a))).slice(0, 1)) said.push(more);
  const values = [...trueValues(name, said)];
  if (kind === isWrong) {
    const j = rng.below(said.length);
    values[j] =
      rng.next() < 0.5
        ? habits.wrong(name, said[j]!)
        : rng.pick(valuesOf(name, said[j]!).filter((v) => v !== values[j]));
  }
  return sentences(name, said, values);
}

export interface StarterPair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

/**
 * The chosen answer is right and complete; the rejected one is worse in what it says. Both are equally full of empty
 * words, so the chosen one is longer in most pairs, and by far more than by its facts: that is the length bias.
 */
export function preferencePairs(
  habits: Habits,
  among: readonly string[] = seenNames,
  rows = pairSettings.rows,
  seed = pairSettings.seed,
): readonly StarterPair[] {
  const { emptyWords, kinds } = pairSettings;
  const rng = new Rng(seed);
  return Array.from({ length: rows }, () => {
    const question = drawQuestion(rng, among, factWeights);
    const { name, asked, text } = question;
    const weights = kinds[asked.length - 1]!.map((w, kind) =>
      kind === addsOne && asked.length === attributesOf(name).length ? 0 : w,
    );
    const worse = worseSentences(rng, habits, question, rng.weighted(weights));
    const rate: Rate = () => emptyWords;
    return {
      prompt: text,
      chosen: write(rng, sentences(name, asked, trueValues(name, asked)), rate),
      rejected: write(rng, worse, rate),
    };
  });
}

/** Pairs about names that no training pair mentions. */
export const heldPairs = (habits: Habits): readonly StarterPair[] => preferencePairs(habits, heldNames, 300, 77);

export interface Exam {
  readonly question: string;
  readonly rightAnswer: string; // without empty words
  readonly held: boolean; // about a name that no pair mentions
}

/** 64 questions about names that no pair mentions, then 64 about the others. */
export function examQuestions(): readonly Exam[] {
  const rng = new Rng(4711);
  return [heldNames, seenNames].flatMap((among) =>
    Array.from({ length: 64 }, () => {
      const { name, asked, text } = drawQuestion(rng, among);
      return { question: text, rightAnswer: plainAnswer(name, asked), held: among === heldNames };
    }),
  );
}
