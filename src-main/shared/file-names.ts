/** Names that Windows gives to devices, with any ending: a file of this name cannot be made there, or copied to it. */
const devices = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
const refused = /[<>:"|?*\\/]/;
/** Most file systems count bytes of a name; NTFS counts UTF-16 units, which are never more. */
const mostNameBytes = 255;
/** Without the long-path switch, Windows takes no longer path, the ending zero included. */
const mostWindowsPath = 259;

/**
 * Why no file or folder should have this name, anywhere: what is made here may be copied to another system. Null: it
 * may.
 */
export function fileNameProblem(name: string): string | null {
  if (name === '') return 'A name is missing.';
  if (name === '.' || name === '..') return `“${name}” is not a name.`;
  if (name.startsWith('.')) return `“${name}” begins with a dot, so it would be hidden.`;
  if ([...name].some((character) => character < ' ' || character === '\u007f'))
    return 'The name has a character that cannot be seen.';
  const character = refused.exec(name)?.[0];
  if (character !== undefined) return `“${name}” has ${character} in it, which Windows does not take in a name.`;
  if (/[. ]$/.test(name))
    return `“${name}” ends with a ${name.endsWith('.') ? 'dot' : 'space'}, which Windows would take off.`;
  if (devices.test(name)) return `“${name}” is the name of a device on Windows.`;
  const bytes = new TextEncoder().encode(name).length;
  return bytes > mostNameBytes ? `The name has ${bytes} bytes; a file system takes ${mostNameBytes}.` : null;
}

/**
 * Beyond its name: a path may be too long for the system it is on. `inside` is the longest name that will lie in the
 * folder.
 */
export function filePathProblem(path: string, platform: string, inside = 0): string | null {
  const length = path.length + (inside > 0 ? inside + 1 : 0);
  return platform === 'win32' && length > mostWindowsPath
    ? `The path has ${length} characters with what lies in it; Windows takes ${mostWindowsPath}.`
    : null;
}

/** A name for a file made of any text, such as a run's name; never refused by `fileNameProblem`. */
export function fileNameFor(text: string, fallback: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f<>:"|?*\\/]+/g, '-')
    .replace(/\s+/g, ' ')
    .slice(0, 60)
    .replace(/^[-. ]+|[-. ]+$/g, '');
  const name = plain === '' ? fallback : plain;
  return devices.test(name) ? `${name.replace(/\..*$/, '')}-1` : name;
}
