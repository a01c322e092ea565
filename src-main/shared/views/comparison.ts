import type { RunId } from '../ids';
import type { ProbeSample, Split } from '../metrics/reports';
import type { MetricName } from '../metrics/registry';
import type { Interval } from '../statistics';
import type { RunView, Verdict } from './run';

export interface ComparisonView {
  readonly runs: readonly RunView[];
  readonly differences: readonly { readonly path: string; readonly values: readonly string[] }[];
  readonly metrics: readonly {
    readonly name: MetricName;
    readonly last: readonly (number | null)[];
    readonly best: readonly (number | null)[];
  }[];
  /** What makes the runs hard to compare: other data, other models, other prompts. The gravest first. */
  readonly notes: readonly ComparisonNote[];
  readonly length: {
    readonly verdict: Verdict;
    readonly runs: readonly {
      readonly runId: RunId;
      readonly verdicts: readonly Verdict[]; // as in RunView.length
      readonly pairs: number; // what correlation and accuracies were measured on
      readonly split: Split;
      readonly probeTokensBefore: number | null; // mean
      readonly probeTokensAfter: number | null;
      readonly marginLengthCorrelation: number | null;
      readonly marginLengthInterval: Interval | null;
      readonly accuracyChosenLonger: number | null;
      readonly accuracyChosenShorter: number | null;
      readonly heldOutAccuracy: number | null;
    }[];
  };
  readonly probes: readonly (readonly ProbeSample[])[]; // by run
}

export interface ComparisonNote {
  readonly level: 'warning' | 'neutral';
  readonly text: string;
}
