import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import * as libraries from '../../../scripts/lib/shared-libraries.mjs';

const { debianPackages, knownToLdconfig, missingFromLdd, packagesFor } = libraries;
const ldd = `	linux-vdso.so.1 (0x00007ffd0a5f2000)
	libffmpeg.so => /opt/electron/libffmpeg.so (0x00007f2c)
	libnss3.so => not found
	libgbm.so.1 => not found
	libnss3.so => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f2b)
	/lib64/ld-linux-x86-64.so.2 (0x00007f2d)
`;

describe('shared libraries', () => {
  it('reads from ldd what is missing, each once', () => {
    expect(missingFromLdd(ldd)).toEqual(['libnss3.so', 'libgbm.so.1']);
    expect(missingFromLdd('\tstatically linked\n')).toEqual([]);
  });

  it('reads from ldconfig what is known', () => {
    const cache =
      "2 libs found in cache `/etc/ld.so.cache'\n\tlibnss3.so (libc6,x86-64) => /lib/libnss3.so\n\tlibXss.so.1 " +
      '(libc6,x86-64) => /lib/libXss.so.1\n';
    expect([...knownToLdconfig(cache)]).toEqual(['libnss3.so', 'libXss.so.1']);
  });

  it('names each Debian package once and keeps what it does not know', () => {
    expect(packagesFor(['libnss3.so', 'libnssutil3.so', 'libgbm.so.1', 'libnew.so.7'])).toEqual({
      packages: ['libgbm1', 'libnss3'],
      unknown: ['libnew.so.7'],
    });
  });

  // Set-up installs them itself only as root, and ends where one is missing.
  it.each(['ci', 'release'])('are all installed by the workflow %s', (name) => {
    const workflow = readFileSync(join(import.meta.dirname, `../../../.github/workflows/${name}.yml`), 'utf8');
    const listed = /apt-get install (.*\n.*)/.exec(workflow)?.[1]?.split(/\s+/) ?? [];
    const everywhere = ['libstdc++6', 'libudev1'];
    const wanted = [...new Set<string>(Object.values(debianPackages)), 'xvfb', 'xauth', 'g++'];
    expect(
      wanted.filter((one) => !everywhere.includes(one) && !listed.includes(one) && !listed.includes(`${one}t64`)),
    ).toEqual([]);
  });
});
