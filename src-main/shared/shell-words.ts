const plain = /^[\w./@:+-]+$/;

/**
 * A word of a command as this system's shell takes it: cmd and PowerShell in double quotes (no file name there has
 * one), others in single ones.
 */
export function shellWord(text: string, platform: string): string {
  if (plain.test(text)) return text;
  if (platform === 'win32') return /^[\w./\\@:+-]+$/.test(text) ? text : `"${text}"`;
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** How the same is done without the window: from the project's folder. */
export const sampoCommand = (words: readonly string[], platform: string): string =>
  ['npx', 'sampo', ...words.map((word) => shellWord(word, platform))].join(' ');

/** A text whose commands are about the folder that was given. */
export const atHome = (text: string, home: string, platform: string): string =>
  text.replace(/\bnpx sampo (?=[a-z])/g, () => `npx sampo --home ${shellWord(home, platform)} `);
