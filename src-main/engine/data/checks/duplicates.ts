import type { Answer, PreferencePair, PromptInput, RowWarningCode } from '../../../shared/data/dataset';
import { RowProblems } from '../../../shared/data/row-problems';

/**
 * Finds pairs that occur twice, and pairs that occur once more with the answers exchanged: one of those labels is
 * wrong. Texts are kept as 52-bit hashes, which are mistaken for each other once in ten thousand files of a million
 * pairs.
 */
export class DuplicateFinder {
  readonly warnings = new RowProblems<RowWarningCode>();
  private readonly prompts = new Set<number>();
  /**
   * By prompt and both answers in either order: the first row, and whether its chosen answer is the one with the
   * smaller hash; as row * 2 + order.
   */
  private readonly pairs = new Map<number, number>();
  private seen = 0;

  add({ row, prompt, chosen, rejected }: PreferencePair): void {
    this.seen++;
    const [of, one, other] = [hash(promptKey(prompt)), hash(answerKey(chosen)), hash(answerKey(rejected))];
    this.prompts.add(of);
    const order = one < other ? 1 : 0;
    const key = hash(`${of} ${Math.min(one, other)} ${Math.max(one, other)}`);
    const known = this.pairs.get(key);
    if (known === undefined) {
      this.pairs.set(key, row * 2 + order);
      return;
    }
    const first = Math.floor(known / 2);
    if (known % 2 === order)
      this.warnings.add({ row, field: '', code: 'duplicate', message: `The same pair as row ${first}.` });
    else
      this.warnings.add({
        row,
        field: '',
        code: 'swapped',
        message: `The same pair as row ${first} with chosen and rejected exchanged: one of the two is labelled wrong.`,
      });
  }

  get duplicatePrompts(): number {
    return this.seen - this.prompts.size;
  }
}

const promptKey = (prompt: PromptInput): string =>
  prompt.kind === 'text' ? prompt.text : JSON.stringify(prompt.messages);
const answerKey = (answer: Answer): string => (typeof answer === 'string' ? answer : JSON.stringify(answer));

/** 52 bits of a text: two 32-bit multiply-and-mix hashes (MurmurHash3's finalizer) side by side. */
export function hash(text: string): number {
  let a = 0x9e3779b9 ^ text.length;
  let b = 0x85ebca6b ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ code, 0x5f356495);
    b = (b << 17) | (b >>> 15);
  }
  const mix = (x: number): number => {
    let h = x ^ (x >>> 16);
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  return (mix(a) & 0xfffff) * 2 ** 32 + mix(b);
}
