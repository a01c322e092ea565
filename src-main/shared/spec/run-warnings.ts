import { fewestPairsPerStep, mostPairsPerStep, usualBeta, usualLearningRate, type Usual } from '../catalogue/ranges';
import type { ProblemGroup } from '../data/dataset';
import { methodById } from '../catalogue/method-catalogue';
import { grouped as count } from '../length/length-words';
import type { RunSpec } from './run-spec';

/** What a person should know before a run starts: it can start all the same. */
export interface RunWarning {
  readonly code: string;
  /** `warning`: it is likely to make the run useless, or its numbers misleading; `note`: worth knowing. */
  readonly level: 'warning' | 'note';
  readonly message: string;
  /** What to do, naming the field of the run spec. */
  readonly hint: string;
}

/** What warnings are made of, found by planning the run. */
export interface RunFacts {
  readonly parameters: number; // of the model
  readonly contextLength: number;
  readonly totalSteps: number;
  readonly stepsPerRound: number;
  readonly warmupSteps: number; // of a round
  readonly trainPairs: number;
  readonly heldPairs: number;
  readonly cutPairs: number;
  readonly leftOut: readonly ProblemGroup[];
  readonly repeatedPairs: number; // used pairs that are in the data once more
  readonly leakedPairs: number; // held-out pairs that are trained on too
  readonly medianAnswer: number; // tokens of the chosen answers before cutting
}

const some = (n: number, one: string): string => `${count(n)} ${one}${n === 1 ? '' : 's'}`;
const short = (x: number): string => {
  const rounded = Number(x.toPrecision(3)); // 1e-6 × 10 is 9.999999999999999e-6
  return x < 1e-3 ? rounded.toExponential() : String(rounded);
};

/** Everything that decides a run and that its spec, data and model tell before it starts; the gravest first. */
export function runWarnings(spec: RunSpec, facts: RunFacts): readonly RunWarning[] {
  const found = [
    ...dataWarnings(spec, facts),
    ...lengthWarnings(spec, facts),
    ...methodWarnings(spec, facts),
    ...paceWarnings(spec, facts),
  ];
  return [...found.filter(({ level }) => level === 'warning'), ...found.filter(({ level }) => level === 'note')];
}

const warn = (code: string, message: string, hint: string): RunWarning => ({ code, level: 'warning', message, hint });
const note = (code: string, message: string, hint: string): RunWarning => ({ code, level: 'note', message, hint });
const only = (isSo: boolean, make: () => RunWarning): readonly RunWarning[] => (isSo ? [make()] : []);

/** "3, 9, 12 and 40 more". */
function rowWords({ rows, count: all }: ProblemGroup): string {
  const shown = rows.slice(0, 3).map(count).join(', ');
  const more = all - Math.min(3, rows.length);
  return `${all === 1 ? 'row' : 'rows'} ${shown}${more > 0 ? ` and ${count(more)} more` : ''}`;
}

function dataWarnings(
  { dataset }: RunSpec,
  { trainPairs, heldPairs, leftOut, repeatedPairs, leakedPairs }: RunFacts,
): readonly RunWarning[] {
  const used = trainPairs + heldPairs;
  const lost = leftOut.reduce((sum, group) => sum + group.count, 0);
  const reasons = leftOut.map((group) => `${capital(rowWords(group))}: ${group.message}`).join(' ');
  return [
    ...only(lost > 0, () =>
      (lost > 0.02 * (lost + used) ? warn : note)(
        'left-out',
        `${some(lost, 'row')} of ${count(lost + used)} ${lost === 1 ? 'is' : 'are'} left out. ${reasons}`,
        'Mend these rows, or go on without them.',
      ),
    ),
    ...only(repeatedPairs > 0, () =>
      (repeatedPairs > 0.05 * used ? warn : note)(
        'duplicates',
        `${some(repeatedPairs, 'pair')} ${repeatedPairs === 1 ? 'is' : 'are'} in the data more than once and ` +
          `${repeatedPairs === 1 ? 'counts' : 'count'} as often.`,
        'Remove the repeated rows from the file, unless they are meant to weigh more.',
      ),
    ),
    ...only(leakedPairs > 0, () =>
      warn(
        'held-out-leak',
        `${some(leakedPairs, 'held-out pair')} of ${count(heldPairs)} ${leakedPairs === 1 ? 'is' : 'are'} trained ` +
          'on too, so held-out numbers look better than they are.',
        'Remove the repeated rows from the file.',
      ),
    ),
    ...only(dataset.evalFraction > 0 && heldPairs === 0, () =>
      warn(
        'no-held-out',
        `${some(trainPairs, 'pair')} are too few to hold any out: there will be no held-out numbers.`,
        'Add pairs (10 or more), or read the training numbers with care.',
      ),
    ),
    ...only(dataset.evalFraction === 0, () =>
      note(
        'no-held-out',
        'No pairs are held out, so nothing shows whether it learns more than these pairs.',
        'Set dataset.evalFraction to 0.1.',
      ),
    ),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function lengthWarnings(
  { training, probes, objective }: RunSpec,
  { contextLength, cutPairs, trainPairs, heldPairs, medianAnswer, totalSteps }: RunFacts,
): readonly RunWarning[] {
  const used = trainPairs + heldPairs;
  const limit = Math.min(training.maxLength, contextLength);
  const share = cutPairs / Math.max(1, used);
  const lost =
    objective === 'supervised'
      ? 'the model never sees how they end'
      : 'length numbers understate the difference between them';
  // twice the usual answer, where the model leaves room for a prompt
  const longerProbes = Math.min(4096, Math.ceil(medianAnswer / 8) * 16, Math.floor(contextLength / 2));
  const more =
    limit < contextLength
      ? `Raise training.maxLength (this model reads ${count(contextLength)} tokens), or set training.truncation to ` +
        '"drop".'
      : 'Take a model that reads more, or set training.truncation to "drop".';
  return [
    ...only(training.maxLength > contextLength, () =>
      note(
        'window',
        `This model reads ${count(contextLength)} tokens, so pairs are cut there and not at ` +
          `${count(training.maxLength)}.`,
        `Set training.maxLength to ${contextLength}.`,
      ),
    ),
    ...only(share > 0.5, () =>
      warn(
        'most-cut',
        `Most pairs (${count(cutPairs)} of ${count(used)}) are cut to ${count(limit)} tokens: answers lose their ` +
          `ends, and ${lost}.`,
        more,
      ),
    ),
    ...only(share > 0.1 && share <= 0.5, () =>
      warn(
        'cut',
        `${some(cutPairs, 'pair')} of ${count(used)} are cut to ${count(limit)} tokens: answers lose their ends, ` +
          `and ${lost}.`,
        more,
      ),
    ),
    ...only(probes.maxNewTokens < medianAnswer, () =>
      warn(
        'short-probes',
        `Probe answers end after ${some(probes.maxNewTokens, 'token')}, but half of the chosen answers have ` +
          `${count(Math.round(medianAnswer))} or more: growth beyond ${count(probes.maxNewTokens)} would not be ` +
          'seen.',
        longerProbes > probes.maxNewTokens
          ? `Set probes.maxNewTokens to ${longerProbes}.`
          : `Take a model that reads more: this one reads ${count(contextLength)} tokens, the prompt included.`,
      ),
    ),
    ...only(probes.everySteps > totalSteps, () =>
      note(
        'few-probes',
        `Probes are answered before the first and after the last step only: every ${count(probes.everySteps)} ` +
          'steps is longer than the run.',
        `Set probes.everySteps to ${Math.max(1, Math.floor(totalSteps / 4))}.`,
      ),
    ),
  ];
}

function methodWarnings(
  { method, adapter, training }: RunSpec,
  { parameters, trainPairs }: RunFacts,
): readonly RunWarning[] {
  const entry = methodById(method.id)!;
  const rate = usualLearningRate(entry, adapter.kind, parameters);
  const beta = usualBeta(method.id);
  const usual = ({ low, high, basis }: Usual): string => `${short(low)} to ${short(high)} is usual for ${basis}`;
  const fewest = fewestPairsPerStep(method.id);
  const { learningRate, pairsPerStep } = training;
  return [
    ...only(learningRate > rate.high, () =>
      warn(
        'high-learning-rate',
        `A learning rate of ${short(learningRate)} is high: ${usual(rate)}. The model may lose what it knows ` +
          'within a few steps.',
        `Set training.learningRate to ${short(rate.high / 4)} or less.`,
      ),
    ),
    ...only(learningRate < rate.low, () =>
      warn(
        'low-learning-rate',
        `A learning rate of ${short(learningRate)} is low: ${usual(rate)}. The model will hardly change.`,
        `Set training.learningRate to ${short(adapter.kind === 'lora' ? rate.low * 10 : rate.high / 4)}.`,
      ),
    ),
    ...only(beta !== null && (method.beta < beta.low || method.beta > beta.high), () =>
      warn(
        'beta',
        `A beta of ${short(method.beta)} is far from what ${entry.name} is used with: ${usual(beta!)}.`,
        'Set method.beta, or choose a preset of the method.',
      ),
    ),
    ...only(pairsPerStep < fewest, () =>
      warn(
        'small-batch',
        `${entry.name} compares the pairs of a step with each other; ${some(pairsPerStep, 'pair')} a step ` +
          `${pairsPerStep === 1 ? 'is' : 'are'} too few for that.`,
        `Set training.pairsPerStep to ${fewest} or more.`,
      ),
    ),
    ...only(pairsPerStep > trainPairs, () =>
      warn(
        'large-batch',
        `A step takes ${some(pairsPerStep, 'pair')}, and there are ${count(trainPairs)} to train on: every step ` +
          'sees all of them.',
        `Set training.pairsPerStep to ${Math.max(1, Math.min(32, Math.floor(trainPairs / 10)))}.`,
      ),
    ),
    ...only(pairsPerStep > mostPairsPerStep && pairsPerStep <= trainPairs, () =>
      warn(
        'large-batch',
        `${some(pairsPerStep, 'pair')} a step are many: no published recipe takes more than 256.`,
        'Set training.pairsPerStep to 128 or less.',
      ),
    ),
  ];
}

/** 1.96 · √(0.25 / 500) = 4.4 points of accuracy. */
const enoughHeldPairs = 500;
/** Two digits, rounded down: a share that was rounded up would warn again. */
function shareOf(part: number, all: number): number {
  const unit = 10 ** (Math.floor(Math.log10(part / all)) - 1);
  return Number((Math.floor(part / all / unit + 1e-9) * unit).toPrecision(2));
}
/** Measuring a pair takes about a third of training it: beyond this, held-out pairs take more than half of the time. */
const mostEvaluated = 3;

function paceWarnings(
  { training, dataset, rounds }: RunSpec,
  { totalSteps, stepsPerRound, warmupSteps, trainPairs, heldPairs }: RunFacts,
): readonly RunWarning[] {
  const evaluations = Math.ceil(totalSteps / training.evalEvery);
  const trained = totalSteps * training.pairsPerStep;
  const quarter = Math.max(1, Math.floor(totalSteps / 4));
  const hasHeldOut = dataset.evalFraction > 0 && heldPairs > 0;
  const what =
    training.earlyStopping !== null
      ? ', so the run cannot stop early'
      : training.keepBest
        ? ', so the last checkpoint is also the best one'
        : '';
  return [
    ...only(totalSteps < 10, () =>
      warn(
        'few-steps',
        `Only ${some(totalSteps, 'step')}: too few to move a model.`,
        'Raise training.epochs or training.maxSteps, or lower training.pairsPerStep.',
      ),
    ),
    ...only(warmupSteps >= stepsPerRound, () =>
      warn(
        'long-warm-up',
        `Warm-up lasts ${rounds > 1 ? 'every whole round' : 'the whole run'} (${some(warmupSteps, 'step')}): the ` +
          'learning rate never reaches its value.',
        'Lower training.warmupRatio to 0.1.',
      ),
    ),
    ...only(hasHeldOut && training.evalEvery > totalSteps, () =>
      warn(
        'no-evaluation',
        `Held-out pairs are measured only at the end: every ${some(training.evalEvery, 'step')} is longer than ` +
          `the run of ${count(totalSteps)}${what}.`,
        `Set training.evalEvery to ${quarter}.`,
      ),
    ),
    ...only(heldPairs > enoughHeldPairs && evaluations * heldPairs > mostEvaluated * trained, () =>
      warn(
        'long-evaluation',
        `Held-out pairs take most of the time: ${count(heldPairs)} are measured ` +
          `${evaluations === 1 ? 'once' : `${count(evaluations)} times`}, and ${some(trained, 'pair')} ` +
          `${trained === 1 ? 'is' : 'are'} trained.`,
        `Set dataset.evalFraction to ${shareOf(enoughHeldPairs, trainPairs + heldPairs)}: ` +
          `${enoughHeldPairs} pairs tell an accuracy to within 5 points.`,
      ),
    ),
    ...only(training.checkpointEvery > totalSteps, () =>
      note(
        'no-checkpoint',
        `The first checkpoint is written at the end (step ${count(totalSteps)}): if the machine stops before, all ` +
          'is lost.',
        `Set training.checkpointEvery to ${quarter}.`,
      ),
    ),
  ];
}
