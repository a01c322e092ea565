import type { PromptInput } from '../../../shared/data/dataset';
import { promptText } from '../../../shared/data/pair-text';

/** A prompt that probes may ask. */
export interface DrawnPrompt {
  readonly prompt: PromptInput;
  readonly text: string;
}

/** Different prompts with the lowest hashes: more than are needed, for those that turn out too long. */
const candidates = 64;

/**
 * Draws prompts by their own text while a file is read: the same ones whatever a run's seed, method or split, and no
 * other prompt is kept. Remembers which rows have them, or one of the prompts that somebody chose.
 */
export class ProbeDraw {
  private readonly lowest: (DrawnPrompt & { readonly hash: number })[] = [];
  private readonly rows: Map<string, number[]>;

  constructor(own: readonly string[]) {
    this.rows = new Map(own.map((text) => [text, []]));
    this.own = new Set(own);
  }
  private readonly own: ReadonlySet<string>;

  offer(prompt: PromptInput, row: number): void {
    const text = promptText(prompt);
    const known = this.rows.get(text);
    if (known) known.push(row);
    const hash = textHash(text);
    const { lowest } = this;
    if (lowest.length === candidates && hash > lowest.at(-1)!.hash) return;
    const at = lowest.findIndex((one) => one.hash > hash || (one.hash === hash && one.text >= text));
    if (at >= 0 && lowest[at]!.text === text) return;
    lowest.splice(at < 0 ? lowest.length : at, 0, { hash, text, prompt });
    if (!known) this.rows.set(text, [row]);
    const left = lowest.splice(candidates)[0]; // it has the highest hash, and does not come back
    if (left && !this.own.has(left.text)) this.rows.delete(left.text);
  }

  get prompts(): readonly DrawnPrompt[] {
    return this.lowest;
  }

  /** The texts that at least one of these pairs has. */
  among(pairs: readonly { readonly row: number }[]): ReadonlySet<string> {
    const textOf = new Map([...this.rows].flatMap(([text, rows]) => rows.map((row) => [row, text] as const)));
    return new Set(pairs.flatMap(({ row }) => textOf.get(row) ?? []));
  }
}

/** FNV-1a with murmur3's last mix: 32 bits that are the same everywhere; equal ones are told apart by their text. */
function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
