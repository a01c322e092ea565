import {
  problemsListed,
  rowsInGroup,
  type ProblemGroup,
  type RowProblem,
  type RowProblemCode,
  type RowWarningCode,
} from './dataset';

/**
 * Problems by reason: all are counted, the first of each are kept. A million bad rows take no more memory than a
 * thousand.
 */
export class RowProblems<Code extends string = RowProblemCode> {
  private readonly byReason = new Map<string, { readonly first: RowProblem<Code>[]; count: number }>();

  add(problem: RowProblem<Code>): void {
    const reason = `${problem.code} ${problem.field}`;
    const known = this.byReason.get(reason) ?? { first: [], count: 0 };
    known.count++;
    if (known.first.length < problemsListed) known.first.push(problem);
    this.byReason.set(reason, known);
  }

  get count(): number {
    return [...this.byReason.values()].reduce((sum, { count }) => sum + count, 0);
  }

  countOf(...codes: readonly Code[]): number {
    return this.groups().reduce((sum, { code, count }) => (codes.includes(code) ? sum + count : sum), 0);
  }

  /** In row order, at most `problemsListed` of each reason. */
  list(): readonly RowProblem<Code>[] {
    return [...this.byReason.values()].flatMap(({ first }) => first).sort((a, b) => a.row - b.row);
  }

  /** Most frequent first; equally frequent ones by their first row. */
  groups(): readonly ProblemGroup<Code>[] {
    const groups = [...this.byReason.values()].map(({ first, count }) => {
      const [{ code, field, message }] = first as [RowProblem<Code>];
      return { code, field, count, rows: first.slice(0, rowsInGroup).map(({ row }) => row), message };
    });
    return groups.sort((a, b) => b.count - a.count || a.rows[0]! - b.rows[0]!);
  }
}

export function problemGroups(problems: readonly RowProblem[]): readonly ProblemGroup[] {
  const all = new RowProblems();
  for (const problem of problems) all.add(problem);
  return all.groups();
}

/** One sentence about rows that are left out: how many for which reason, and the first. Null when there are none. */
export function problemSentence(groups: readonly ProblemGroup[]): string | null {
  if (groups.length === 0) return null;
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const first = groups.reduce((a, b) => (b.rows[0]! < a.rows[0]! ? b : a));
  const reasons = groups.map(({ code, count, rows }) => `${count} ${code} (${rowWords(rows, count)})`).join(', ');
  return (
    `${total} ${total === 1 ? 'row is' : 'rows are'} left out: ${reasons}; the first is row ${first.rows[0]}: ` +
    `${first.message}`
  );
}

export function warningSentence({ code, count, rows, message }: ProblemGroup<RowWarningCode>): string {
  const what =
    code === 'swapped'
      ? 'once more with chosen and rejected exchanged: one of the two labels is wrong'
      : 'more than once';
  return (
    `${count} ${count === 1 ? 'pair occurs' : 'pairs occur'} ${what} (${rowWords(rows, count)}); the first is row ` +
    `${rows[0]}: ${message}`
  );
}

/** "row 4", "rows 4, 9", "rows 4, 9, 12, …" */
export function rowWords(rows: readonly number[], count: number): string {
  const shown = rows.slice(0, 5);
  return `${count === 1 ? 'row' : 'rows'} ${shown.join(', ')}${count > shown.length ? ', …' : ''}`;
}
