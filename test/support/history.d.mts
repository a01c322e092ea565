export interface History {
  readonly id: string;
  readonly status: string;
  readonly step: number;
  readonly problems: readonly string[];
  readonly tables: Readonly<Record<'metrics' | 'timed' | 'pairs' | 'profile' | 'probes' | 'checkpoints', readonly string[]>>;
}
export function history(home: string): Promise<History>;
export function historyDifferences(a: History, b: History): readonly string[];
