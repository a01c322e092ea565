import type { MethodPreset } from './types';

const source = (of: string): string =>
  `SamPO paper (arXiv 2406.10957), Table 5, ${of}; batch, schedule and warm-up as in its code`;
/**
 * The same for its four models: 128 pairs an update, a tenth of the steps to warm up, then linearly to 0
 * (docs/methods.md, "Settings of the papers").
 */
const paperTraining = { pairsPerStep: 128, schedule: 'linear', warmupRatio: 0.1 } as const;

/**
 * Settings of the SamPO paper for its four models; its code overwrites some of them by accident, so these are the
 * paper's.
 */
export const paperPresets = (of: string): readonly MethodPreset[] => [
  {
    id: 'llama3-8b',
    name: 'Llama-3-8B, UltraFeedback',
    size: 8e9,
    values: { beta: 0.1 },
    training: { learningRate: 4e-7, epochs: 3, ...paperTraining },
    source: source(of),
  },
  {
    id: 'tulu2-13b',
    name: 'Tulu-2-13B, UltraFeedback',
    size: 13e9,
    values: { beta: 0.1 },
    training: { learningRate: 1e-6, epochs: 3, ...paperTraining },
    source: source(of),
  },
  {
    id: 'pythia-hh',
    name: 'Pythia-2.8B, HH-RLHF',
    size: 2.8e9,
    values: { beta: 0.05 },
    training: { learningRate: 1e-6, epochs: 1, ...paperTraining },
    source: source(of),
  },
  {
    id: 'pythia-tldr',
    name: 'Pythia-2.8B, TL;DR',
    size: 2.8e9,
    values: { beta: 0.5 },
    training: { learningRate: 1e-6, epochs: 1, ...paperTraining },
    source: source(of),
  },
];

export const simpoPresets: readonly MethodPreset[] = [
  {
    id: 'llama3-8b',
    name: 'Llama-3-8B-Instruct',
    size: 8e9,
    values: { beta: 2.5, gamma: 1.4 },
    training: { learningRate: 1e-6, epochs: 1 },
    source: 'SimPO (arXiv 2405.14734) README: gamma/beta 0.55; SamPO paper, Table 5',
  },
];
export const sppoPresets: readonly MethodPreset[] = [
  {
    id: 'paper',
    name: 'SPPO paper',
    size: 7e9,
    values: { beta: 0.001 },
    training: { learningRate: 5e-7, epochs: 1 },
    source: 'Wu et al. 2024, arXiv 2405.00675, as in TRL’s paper index',
  },
];
export const ncaPresets: readonly MethodPreset[] = [
  {
    id: 'paper',
    name: 'NCA paper',
    size: 7e9,
    values: { beta: 0.01 },
    training: { learningRate: 5e-6, epochs: 1 },
    source: 'Chen et al. 2024, arXiv 2402.05369, as in TRL’s paper index',
  },
];
