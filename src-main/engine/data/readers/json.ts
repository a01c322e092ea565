import { messageOf } from '../../../shared/result';

/**
 * JSON as Python writes it: `json.dumps` puts NaN, Infinity and -Infinity where a number has no other form. They become
 * marked text, so that only a value that somebody reads is a problem.
 */
const mark = '\u0000number ';

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** A string of the document (to be left alone) or one of the three words. */
const stringOrWord = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

export function parseJson(text: string): Parsed {
  const plain = parse(text);
  if (plain.ok || !/NaN|Infinity/.test(text)) return plain;
  const mended = parse(
    text.replace(stringOrWord, (found) => (found.startsWith('"') ? found : JSON.stringify(mark + found))),
  );
  return mended.ok ? mended : plain;
}

/** "NaN" where a value was written so; null: it was not. */
export const nonFinite = (value: unknown): string | null =>
  typeof value === 'string' && value.startsWith(mark) ? value.slice(mark.length) : null;

function parse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (thrown) {
    return { ok: false, message: messageOf(thrown) };
  }
}
