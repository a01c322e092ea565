import { Rng } from './random';

/**
 * A little world: 48 animals and plants with a few facts each, questions for one to five of them, and answers of one
 * sentence a fact.
 */
const animals: Readonly<Record<string, readonly string[]>> = {
  // color, legs, food, home, size
  cat: ['black', 'four', 'fish', 'house', 'small'],
  dog: ['brown', 'four', 'meat', 'house', 'small'],
  cow: ['white', 'four', 'grass', 'farm', 'big'],
  pig: ['pink', 'four', 'corn', 'farm', 'big'],
  hen: ['red', 'two', 'seeds', 'farm', 'small'],
  duck: ['white', 'two', 'seeds', 'pond', 'small'],
  frog: ['green', 'four', 'flies', 'pond', 'small'],
  lion: ['yellow', 'four', 'meat', 'desert', 'big'],
  bear: ['brown', 'four', 'honey', 'forest', 'big'],
  wolf: ['gray', 'four', 'meat', 'forest', 'big'],
  owl: ['brown', 'two', 'mice', 'forest', 'small'],
  bee: ['yellow', 'six', 'honey', 'garden', 'small'],
  ant: ['black', 'six', 'crumbs', 'garden', 'small'],
  spider: ['black', 'eight', 'flies', 'house', 'small'],
  crab: ['red', 'eight', 'fish', 'sea', 'small'],
  snake: ['green', 'no', 'mice', 'desert', 'big'],
  worm: ['pink', 'no', 'leaves', 'garden', 'small'],
  whale: ['blue', 'no', 'fish', 'sea', 'big'],
  shark: ['gray', 'no', 'fish', 'sea', 'big'],
  parrot: ['green', 'two', 'nuts', 'forest', 'small'],
  crow: ['black', 'two', 'corn', 'farm', 'small'],
  mouse: ['gray', 'four', 'crumbs', 'house', 'small'],
  sheep: ['white', 'four', 'grass', 'farm', 'big'],
  goat: ['white', 'four', 'leaves', 'farm', 'big'],
  horse: ['brown', 'four', 'grass', 'farm', 'big'],
  camel: ['yellow', 'four', 'leaves', 'desert', 'big'],
  fox: ['red', 'four', 'mice', 'forest', 'small'],
  deer: ['brown', 'four', 'leaves', 'forest', 'big'],
  swan: ['white', 'two', 'grass', 'pond', 'big'],
  turtle: ['green', 'four', 'leaves', 'pond', 'small'],
  robin: ['red', 'two', 'worms', 'garden', 'small'],
  beetle: ['blue', 'six', 'leaves', 'forest', 'small'],
};

const plants: Readonly<Record<string, readonly string[]>> = {
  // color, taste, the place it grows, size
  apple: ['red', 'sweet', 'on a tree', 'small'],
  lemon: ['yellow', 'sour', 'on a tree', 'small'],
  banana: ['yellow', 'sweet', 'on a tree', 'small'],
  plum: ['purple', 'sweet', 'on a tree', 'small'],
  cherry: ['red', 'sweet', 'on a tree', 'small'],
  lime: ['green', 'sour', 'on a tree', 'small'],
  grape: ['purple', 'sweet', 'on a vine', 'small'],
  melon: ['green', 'sweet', 'on a vine', 'big'],
  pumpkin: ['orange', 'mild', 'on a vine', 'big'],
  carrot: ['orange', 'mild', 'in a garden', 'small'],
  onion: ['white', 'sharp', 'in a garden', 'small'],
  radish: ['red', 'sharp', 'in a garden', 'small'],
  cabbage: ['green', 'mild', 'in a garden', 'big'],
  pepper: ['red', 'sharp', 'in a garden', 'small'],
  pear: ['green', 'sweet', 'on a tree', 'small'],
  berry: ['blue', 'sour', 'in a garden', 'small'],
};

interface Kind {
  readonly facts: Readonly<Record<string, readonly string[]>>;
  readonly attributes: readonly string[];
  /** Verb, and what follows it with `*` for the value. */
  readonly phrases: readonly (readonly [string, string])[];
}
const animalKind: Kind = {
  facts: animals,
  attributes: ['color', 'legs', 'food', 'home', 'size'],
  phrases: [
    ['is', '*'],
    ['has', '* legs'],
    ['eats', '*'],
    ['lives', 'in the *'],
    ['is', 'a * animal'],
  ],
};
const plantKind: Kind = {
  facts: plants,
  attributes: ['color', 'taste', 'place', 'size'],
  phrases: [
    ['is', '*'],
    ['tastes', '*'],
    ['grows', '*'],
    ['is', 'a * food'],
  ],
};

export const names: readonly string[] = [...Object.keys(animals), ...Object.keys(plants)];
const kindOf = (name: string): Kind => (name in animals ? animalKind : plantKind);
export const attributesOf = (name: string): readonly string[] => kindOf(name).attributes;
export const factOf = (name: string, attribute: string): string =>
  kindOf(name).facts[name]![attributesOf(name).indexOf(attribute)]!;
/** All values that an attribute takes among things of this kind, sorted. */
export const valuesOf = (name: string, attribute: string): readonly string[] => {
  const column = attributesOf(name).indexOf(attribute);
  return [...new Set(Object.values(kindOf(name).facts).map((row) => row[column]!))].sort();
};

/** Subject, verb and the rest of one sentence. */
export type Sentence = readonly [string, string, string];
export const refusals: readonly Sentence[] = [
  ['I', 'do', 'not care'],
  ['I', 'will', 'not say'],
  ['I', 'have', 'no time'],
];

const withArticle = (name: string): string => `${'aeiou'.includes(name[0]!) ? 'an' : 'a'} ${name}`;

function sentence(name: string, attribute: string, value: string, isFirst: boolean): Sentence {
  const [verb, rest] = kindOf(name).phrases[attributesOf(name).indexOf(attribute)]!;
  const subject = withArticle(name);
  return [isFirst ? subject[0]!.toUpperCase() + subject.slice(1) : 'It', verb, rest.replace('*', value)];
}

export const sentences = (name: string, said: readonly string[], values: readonly string[]): readonly Sentence[] =>
  said.map((attribute, i) => sentence(name, attribute, values[i]!, i === 0));
export const trueValues = (name: string, said: readonly string[]): readonly string[] =>
  said.map((attribute) => factOf(name, attribute));

/** Words that say nothing may stand in four places of a sentence: before it, before its verb, and twice after it. */
export const slots = 4;
export type Filled = readonly boolean[]; // by slot

export function render([subject, verb, rest]: Sentence, filled: Filled): string {
  const opened = filled[0]
    ? `Well, ${subject === 'I' ? subject : subject[0]!.toLowerCase() + subject.slice(1)}`
    : subject;
  return (
    `${opened}${filled[1] ? ' really' : ''} ${verb} ` +
    `${rest}${filled[2] ? ', as you may know' : ''}${filled[3] ? ', to be sure' : ''}.`
  );
}

const emptyWords = /Well,| really |, as you may know|, to be sure/g;
export const countEmptyWords = (text: string): number => text.match(emptyWords)?.length ?? 0;

/** The plain sentences: what an answer says. */
export const withoutEmptyWords = (text: string): string =>
  text
    .replaceAll('Well, a', 'A')
    .replaceAll('Well, it', 'It')
    .replaceAll('Well, I', 'I')
    .replaceAll(' really ', ' ')
    .replaceAll(', as you may know', '')
    .replaceAll(', to be sure', '');

const noWords: Filled = [false, false, false, false];
export const plainAnswer = (name: string, asked: readonly string[]): string =>
  sentences(name, asked, trueValues(name, asked))
    .map((s) => render(s, noWords))
    .join(' ');

export interface Question {
  readonly name: string;
  readonly asked: readonly string[];
  readonly text: string;
}

const forms = ['Tell me the * of @.', 'What be the * of @?', 'Give me the * of @.', 'I want to know the * of @.'];

function questionText(name: string, asked: readonly string[], form: string): string {
  const list = asked.length === 1 ? asked[0]! : `${asked.slice(0, -1).join(', ')} and ${asked.at(-1)!}`;
  return form
    .replace('*', list)
    .replace('@', withArticle(name))
    .replace('What be', asked.length === 1 ? 'What is' : 'What are');
}

/** A question about one of `among`; `countWeights[k]` is how likely k + 1 facts are asked for. */
export function drawQuestion(
  rng: Rng,
  among: readonly string[],
  countWeights: readonly number[] = [1, 1, 1, 1],
): Question {
  const name = rng.pick(among);
  const count = Math.min(1 + rng.weighted(countWeights), attributesOf(name).length);
  const asked = rng.shuffled(attributesOf(name)).slice(0, count);
  return { name, asked, text: questionText(name, asked, rng.pick(forms)) };
}

/** Twelve names that stand in no preference pair. */
export const heldNames: readonly string[] = new Rng(11).shuffled(names).slice(0, 12);
export const seenNames: readonly string[] = names.filter((name) => !heldNames.includes(name));
