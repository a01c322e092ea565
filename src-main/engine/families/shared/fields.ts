/**
 * The rule for every reader of a model's files: a field that changes numbers is honoured or refused by its name, never
 * skipped. A reader lists what it honours, what has no effect here, and what it refuses unless the value is neutral.
 */
export interface FieldRules {
  readonly honoured: readonly string[];
  /** Cannot change a number that is computed here. */
  readonly harmless: readonly string[];
  /** What a field asks for, and the values with which it asks for nothing (null always does). */
  readonly refused: ReadonlyMap<string, Refusal>;
  /** Fields whose effect is left out on purpose: what is said about them. */
  readonly noted: ReadonlyMap<string, string>;
}

export interface Refusal {
  readonly asks: string;
  isNeutral(value: unknown, all: Fields): boolean;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface FieldVerdict {
  /** Fields that change numbers here and are not honoured. */
  readonly refused: readonly { readonly name: string; readonly value: unknown; readonly asks: string }[];
  /** Fields that nobody here knows and that ask for something. */
  readonly unknown: readonly { readonly name: string; readonly value: unknown }[];
  readonly notes: readonly string[];
}

/** Null, false, zero and everything empty: a field that asks for nothing. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0 || value === 0n)
    return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Of a field whose false, zero or empty value is neutral too. */
export const refusal = (asks: string, ...neutral: readonly unknown[]): Refusal => ({
  asks,
  isNeutral: (value) => isNothing(value) || neutral.includes(value),
});
/** Of a field with which even false or zero may ask for something. */
export const refusalUnless = (asks: string, isNeutral: Refusal['isNeutral']): Refusal => ({ asks, isNeutral });

export function judgeFields(all: Fields, { honoured, harmless, refused, noted }: FieldRules): FieldVerdict {
  const without = new Set([...honoured, ...harmless]);
  const verdict = {
    refused: [] as { name: string; value: unknown; asks: string }[],
    unknown: [] as { name: string; value: unknown }[],
    notes: [] as string[],
  };
  for (const [name, value] of Object.entries(all)) {
    if (without.has(name) || value === null || value === undefined) continue;
    const rule = refused.get(name);
    const note = noted.get(name);
    if (rule) {
      if (!rule.isNeutral(value, all)) verdict.refused.push({ name, value, asks: rule.asks });
    } else if (isNothing(value)) continue;
    else if (note !== undefined) verdict.notes.push(`${name} is ${shown(value)}: ${note}`);
    else verdict.unknown.push({ name, value });
  }
  return verdict;
}

/** A value of a file in a sentence. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'number'
      ? String(value)
      : (JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)) ?? 'missing');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
