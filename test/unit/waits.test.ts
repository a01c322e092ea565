import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { patience } from '../support/waits';

const tests = join(import.meta.dirname, '..');

it('no wait of a test is shorter than the shared one', () => {
  const files = readdirSync(tests, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(test|e2e)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(100);
  const short = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\btimeout: ([\d_]+)(?![\d_]| \*)|vi\.wait(For|Until)\(/g)]
      .filter(([, given]) => given === undefined || Number(given.replaceAll('_', '')) < patience)
      .map(([found]) => `${file.slice(tests.length + 1)}: ${found}`),
  );
  expect(short).toEqual([]); // vi.waitFor and vi.waitUntil have a second of their own: expect.poll has the shared one
});
