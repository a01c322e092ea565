import type { RunView } from '../../../src-main/shared/views/run';
import type { RunMetrics } from '../../state/run-metrics';

/** What every chart of a run's page is given. */
export interface LiveChartProps {
  readonly run: RunView;
  readonly metrics: RunMetrics;
  /** Why there is nothing to see yet. */
  readonly waiting: string;
}
