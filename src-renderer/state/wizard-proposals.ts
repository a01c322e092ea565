import type { RunForecastView } from '../../src-main/shared/views/run';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import type { ModelView } from '../../src-main/shared/views/library';
import { formatCount, plural } from './format';

/** A value that follows from data, model and machine, with the sentence that says so. */
export interface Proposal {
  readonly path: string;
  readonly value: number;
  readonly why: string;
}

/** What the schema's defaults are for reports; shorter runs report more often, so that there is something to see. */
const reportEvery = { 'training.evalEvery': 50, 'training.checkpointEvery': 50, 'probes.everySteps': 20 } as const;
const reports = 4;

const shortestLength = 64;
/** More than this is for those who ask for it: a step's time and memory grow with it. */
const longestLength = 2048;
const fullMemory = 0.8;
const [fewestProbeTokens, mostProbeTokens] = [64, 1024];

const roundUp = (tokens: number): number => Math.ceil(tokens / 16) * 16;

/** What the form should say where nobody has said otherwise. */
export function proposals(spec: RunSpec, forecast: RunForecastView, model: ModelView): readonly Proposal[] {
  return [lengthProposal(forecast, model), probeProposal(forecast, model), ...reportProposals(spec, forecast)];
}

function lengthProposal(forecast: RunForecastView, { contextLength }: ModelView): Proposal {
  const { most, longest } = forecast.pairTokens;
  // a few pairs much longer than all others should not make every step larger
  const wanted = longest <= 1.25 * most ? longest : most;
  const basis =
    wanted === longest
      ? `From your longest pair: ${plural(longest, 'token')}.`
      : `99 of 100 pairs have at most ${plural(most, 'token')} (the longest ${formatCount(longest)}).`;
  const room = Math.min(contextLength, longestLength, memoryRoom(forecast));
  const value = Math.min(Math.max(shortestLength, roundUp(wanted)), room);
  const limit =
    room === contextLength
      ? `The model reads ${formatCount(contextLength)}`
      : room === longestLength
        ? 'Longer ones are cut, to spare time and memory'
        : 'More would not fit in memory';
  return { path: 'training.maxLength', value, why: value < wanted ? `${basis} ${limit}.` : basis };
}

/** Activations and logits grow with the longest pair; all else stays. */
function memoryRoom({ memoryBytes, memoryParts, freeMemoryBytes, longestPairTokens }: RunForecastView): number {
  const growing = memoryParts.activations + memoryParts.logits;
  if (growing <= 0 || longestPairTokens === 0) return Infinity;
  const tokens = ((fullMemory * freeMemoryBytes - (memoryBytes - growing)) / growing) * longestPairTokens;
  return Math.max(shortestLength, Math.floor(tokens / 16) * 16);
}

/** Twice the usual answer shows growth; the defaults alone would cut long answers from the first step on. */
function probeProposal({ medianAnswerTokens }: RunForecastView, { contextLength }: ModelView): Proposal {
  const wanted = Math.max(fewestProbeTokens, roundUp(2 * medianAnswerTokens));
  const value = Math.max(1, Math.min(wanted, mostProbeTokens, Math.floor(contextLength / 2)));
  const limit =
    value === mostProbeTokens
      ? 'longer ones would take their time'
      : `the model reads ${formatCount(contextLength)} with the prompt`;
  const half = `Half of the chosen answers have ${plural(Math.round(medianAnswerTokens), 'token')} or more`;
  return {
    path: 'probes.maxNewTokens',
    value,
    why:
      value < wanted
        ? `${half}; ${limit}.`
        : value === fewestProbeTokens
          ? `${half}: room to see them grow.`
          : `Twice that of the usual answer (${formatCount(medianAnswerTokens)}), so that growth shows.`,
  };
}

function reportProposals({ rounds }: RunSpec, { steps }: RunForecastView): readonly Proposal[] {
  return Object.entries(reportEvery).map(([path, usual]) => {
    const value = Math.max(1, Math.min(usual, Math.round(steps / rounds / reports)));
    return {
      path,
      value,
      why:
        value === usual
          ? ''
          : `The run has ${plural(steps, 'step')}: so it happens ${formatCount(Math.floor(steps / value))} times.`,
    };
  });
}
