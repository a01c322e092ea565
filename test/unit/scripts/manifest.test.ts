import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import * as manifest from '../../../scripts/lib/manifest.mjs';

const { isUsable, parseManifest, readManifest, writeManifest, childEnvironment } = manifest;

const good = {
  electron: process.execPath,
  electronVersion: '33.2.1',
  electronSource: 'cypress',
  sqlite: null,
  tensorflow: null,
  tensorflowReason: 'no compiler',
};

describe('runtime manifest', () => {
  it('comes back as it was written', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'sampo-manifest-')), 'deep', 'runtime.json');
    await writeManifest(good, path);
    expect(await readManifest(path)).toEqual(good);
  });

  it('is null when absent or when it is something else', async () => {
    expect(await readManifest('/nowhere/runtime.json')).toBeNull();
    expect(isUsable(null)).toBe(false);
  });

  it.each([
    ['no electron', { ...good, electron: '' }],
    ['unknown source', { ...good, electronSource: 'mirror' }],
    ['sqlite left out', { ...good, sqlite: undefined }],
    ['tensorflow without libDir', { ...good, tensorflow: { version: '2.21.0' } }],
    ['not an object', 7],
  ])('refuses %s', (_name, value) => {
    expect(() => parseManifest(value)).toThrow('not a runtime manifest');
  });

  it('is not usable once the cache it points into is gone', () => {
    expect(isUsable(good)).toBe(true);
    expect(isUsable({ ...good, electron: '/gone/electron' })).toBe(false);
    expect(isUsable({ ...good, sqlite: '/gone/sqlite' })).toBe(false);
    expect(isUsable({ ...good, tensorflow: { version: '2.21.0', libDir: '/gone/lib' } })).toBe(false);
  });

  it('lets the user override the TensorFlow switches but not the manifest path', () => {
    const env = childEnvironment(good, { TF_CPP_MIN_LOG_LEVEL: '0', SAMPO_RUNTIME: '/else' });
    expect(env['TF_CPP_MIN_LOG_LEVEL']).toBe('0');
    expect(env['TF_FORCE_GPU_ALLOW_GROWTH']).toBe('true');
    expect(env['SAMPO_RUNTIME']).toMatch(/runtime\.json$/);
  });
});
