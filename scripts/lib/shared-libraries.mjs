// Which shared libraries Electron needs, and which Debian package brings each.

/** soname -> package. The first group is linked by the Electron binary, the second opened while it runs. */
export const debianPackages = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libgdk-3.so.0': 'libgtk-3-0',
  'libatk-1.0.so.0': 'libgtk-3-0',
  'libatk-bridge-2.0.so.0': 'libgtk-3-0',
  'libatspi.so.0': 'libgtk-3-0',
  'libpango-1.0.so.0': 'libgtk-3-0',
  'libcairo.so.2': 'libgtk-3-0',
  'libgio-2.0.so.0': 'libgtk-3-0',
  'libglib-2.0.so.0': 'libgtk-3-0',
  'libgobject-2.0.so.0': 'libgtk-3-0',
  'libgdk_pixbuf-2.0.so.0': 'libgtk-3-0',
  'libX11.so.6': 'libgtk-3-0',
  'libXcomposite.so.1': 'libgtk-3-0',
  'libXdamage.so.1': 'libgtk-3-0',
  'libXext.so.6': 'libgtk-3-0',
  'libXfixes.so.3': 'libgtk-3-0',
  'libXrandr.so.2': 'libgtk-3-0',
  'libxkbcommon.so.0': 'libgtk-3-0',
  'libcups.so.2': 'libgtk-3-0',
  'libdbus-1.so.3': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
  'libnspr4.so': 'libnss3',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
  'libdrm.so.2': 'libgbm1',
  'libxcb.so.1': 'libgtk-3-0',
  'libexpat.so.1': 'libgbm1',
  'libudev.so.1': 'libudev1',
  'libstdc++.so.6': 'libstdc++6',
  'libXss.so.1': 'libxss1',
  'libsecret-1.so.0': 'libsecret-1-0',
  'libnotify.so.4': 'libnotify4',
};

/** Opened with dlopen or needed only later, so ldd does not show them. */
export const openedAtRunTime = ['libXss.so.1', 'libsecret-1.so.0', 'libnotify.so.4'];

/** The sonames that `ldd` could not find, e.g. from "\tlibgbm.so.1 => not found". */
export function missingFromLdd(output) {
  return [...new Set([...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, soname]) => soname))];
}

/** The sonames that `ldconfig -p` knows, e.g. from "\tlibnss3.so (libc6,x86-64) => /lib/…". */
export function knownToLdconfig(output) {
  return new Set([...output.matchAll(/^\s*(\S+) \(.*=>/gm)].map(([, soname]) => soname));
}

/** Packages for sonames; those nobody listed are named as they are, so that the message still helps. */
export function packagesFor(sonames) {
  const packages = new Set();
  const unknown = [];
  for (const soname of sonames) {
    if (debianPackages[soname]) packages.add(debianPackages[soname]);
    else unknown.push(soname);
  }
  return { packages: [...packages].sort(), unknown };
}
