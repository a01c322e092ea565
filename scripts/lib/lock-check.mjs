/**
 * Whether node_modules holds what package-lock.json asks for, judged by npm's own hidden lock file.
 * Optional packages for other platforms are rightly absent; everything else must be there at the same version.
 */
export function installedMatches(lock, hiddenLock) {
  if (!lock?.packages || !hiddenLock?.packages) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true;
    const found = hiddenLock.packages[path];
    if (!found) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
    return found.version === wanted.version;
  });
}
