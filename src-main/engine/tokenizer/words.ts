type Pieces = (word: string) => readonly string[];

/**
 * Text repeats its words: what one becomes is kept. The first words of a text are as common as the last, so none is
 * preferred.
 */
const mostWords = 100_000;
const longestWord = 64; // UTF-16 units; longer ones seldom come twice

export function remembering(pieces: Pieces): Pieces {
  const known = new Map<string, readonly string[]>();
  return (word) => {
    const there = known.get(word);
    if (there !== undefined) return there;
    const made = pieces(word);
    if (word.length > longestWord) return made;
    if (known.size >= mostWords) known.clear();
    known.set(word, made);
    return made;
  };
}

/** GPT-2's letters for bytes: those that print stand for themselves, the others follow from U+0100. */
const letters = ((): readonly string[] => {
  const prints = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : 256 + others++));
})();

export function byteLetters(word: string): string {
  let text = '';
  for (const byte of Buffer.from(word)) text += letters[byte]!;
  return text;
}
