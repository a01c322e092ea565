import type { ProbeSample } from '../../src-main/shared/metrics/reports';

export interface DiffPart {
  readonly text: string;
  readonly kind: 'same' | 'added' | 'removed';
}

/** Words with the space after them, so that joining gives the text back. */
export const words = (text: string): readonly string[] => text.match(/\S+\s*|^\s+/g) ?? [];

/**
 * Beyond this many words on either side the table of a longest common subsequence costs more than its colours are
 * worth.
 */
const diffLimit = 800;

/** Word differences by longest common subsequence. */
export function diffWords(before: string, after: string): readonly DiffPart[] {
  const a = words(before);
  const b = words(after);
  if (a.length > diffLimit || b.length > diffLimit)
    return after === before
      ? [{ text: after, kind: 'same' }]
      : [
          { text: before, kind: 'removed' },
          { text: after, kind: 'added' },
        ];
  const same = (i: number, j: number): boolean => a[i]?.trim() === b[j]?.trim();
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] = same(i, j)
        ? (table[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
  const parts: DiffPart[] = [];
  const push = (text: string | undefined, kind: DiffPart['kind']): void => {
    const last = parts.at(-1);
    if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + (text ?? '') };
    else parts.push({ kind, text: text ?? '' });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(i, j)) {
      push(b[j], 'same');
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)))
      push(a[i++], 'removed');
    else push(b[j++], 'added');
  }
  return parts;
}

/** The share of word 4-grams that occurred before in the same text, from which on an answer is called repetitive. */
const repetitionThreshold = 0.3;

export function repetition(text: string): number {
  const tokens = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (tokens.length < 8) return 0;
  const grams = Array.from({ length: tokens.length - 3 }, (_, i) => tokens.slice(i, i + 4).join(' '));
  return 1 - new Set(grams).size / grams.length;
}

export const isRepetitive = (text: string): boolean => repetition(text) >= repetitionThreshold;

export interface ProbeRow {
  readonly prompt: number;
  readonly promptText: string;
  readonly byStep: ReadonlyMap<number, ProbeSample>;
}

export interface ProbeTable {
  readonly steps: readonly number[];
  readonly rows: readonly ProbeRow[];
}

export function probeTable(samples: readonly ProbeSample[]): ProbeTable {
  const steps = [...new Set(samples.map((s) => s.step))].sort((a, b) => a - b);
  const prompts = [...new Set(samples.map((s) => s.prompt))].sort((a, b) => a - b);
  const rows = prompts.map((prompt): ProbeRow => {
    const own = samples.filter((s) => s.prompt === prompt);
    return { prompt, promptText: own[0]?.promptText ?? '', byStep: new Map(own.map((s) => [s.step, s])) };
  });
  return { steps, rows };
}

/** A repeated answer to the same prompt at the same step replaces the one before. */
export function withSample(samples: readonly ProbeSample[], sample: ProbeSample): readonly ProbeSample[] {
  const others = samples.filter((s) => s.step !== sample.step || s.prompt !== sample.prompt);
  return [...others, sample];
}

/** Mean tokens per probed step; steps that are still being answered are left out. */
export function probeLengths(
  samples: readonly ProbeSample[],
): readonly { readonly step: number; readonly tokens: number; readonly count: number }[] {
  const { steps, rows } = probeTable(samples);
  return steps.flatMap((step) => {
    const answers = rows.flatMap((row) => row.byStep.get(step) ?? []);
    return answers.length === rows.length
      ? [{ step, tokens: answers.reduce((sum, s) => sum + s.tokens, 0) / answers.length, count: answers.length }]
      : [];
  });
}
