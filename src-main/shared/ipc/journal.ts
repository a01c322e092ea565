/**
 * A run's journal: what its engine reported, beside its checkpoints, until it is in the store. One JSON object a line
 * (an engine event with its number `seq`), in files that begin anew at each checkpoint and carry the number of their
 * first report, so that what is stored goes by deleting whole files.
 */
export const journalFolder = 'journal';
/** Beside the files: the process that writes them. */
export const journalWriter = 'writer';

export const segmentName = (firstSeq: number): string => `${String(firstSeq).padStart(12, '0')}.ndjson`;

/** Null: not one of the journal's files. */
export function firstSeqOf(name: string): number | null {
  const match = /^(\d{12})\.ndjson$/.exec(name);
  return match ? Number(match[1]) : null;
}

/** The journal's files in order, each with the number of its first report and the one the next file begins with. */
export function segmentsOf(
  names: readonly string[],
): readonly { readonly name: string; readonly first: number; readonly next: number }[] {
  const firsts = names
    .map(firstSeqOf)
    .filter((first) => first !== null)
    .sort((a, b) => a - b);
  return firsts.map((first, i) => ({ name: segmentName(first), first, next: firsts[i + 1] ?? Infinity }));
}
