/** Names of the numbers a training step reports: TRL's (methods.md 2.4) and ours under `length/` (methods.md 4). `eval_` goes before held-out ones. */
export type MetricValues = Readonly<Record<string, number>>;

export interface MetricPoint {
  readonly step: number;
  readonly name: string;
  readonly value: number;
}

/** One pair as one step saw it: the raw material of every length diagnostic. Rewards are beta times the log-ratio the loss used. */
export interface PairPoint {
  readonly row: number; // 1-based row of the dataset file
  readonly step: number;
  readonly split: 'train' | 'eval';
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
  readonly keptTokens: number; // tokens SamPO kept of each side (a fraction where they weigh less than one each); both whole sides for DPO: max(T_w, T_l)
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly margin: number; // chosen − rejected, as the loss used it
  readonly fullMargin: number; // the same from all tokens: what DPO would have seen
}

/** Mean log-ratio by token position over the pairs of a step (positions in bins of `binTokens`). */
export interface PositionProfile {
  readonly step: number;
  readonly binTokens: number;
  readonly chosen: readonly { readonly mean: number; readonly count: number }[];
  readonly rejected: readonly { readonly mean: number; readonly count: number }[];
}

export interface ProbeSample {
  readonly step: number; // 0: before training
  readonly prompt: number; // index into the run's probe prompts
  readonly promptText: string;
  readonly text: string;
  readonly tokens: number; // generated tokens, end token included
  readonly finish: 'eos' | 'length' | 'stop';
  /** The prompt is among the pairs trained on; left out by older versions. */
  readonly trained?: boolean;
}
