// The licences of all that a package carries: what the bundles were made of, and the packages that lie beside them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Folders of the packages whose files went into a bundle (esbuild names its inputs), without doubles. */
export function bundledPackages(inputs, root) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.split(sep).join('/'));
    if (found) folders.add(join(root, found[1]));
  }
  return [...folders].sort();
}

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const isLicence = (name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|ts|json)$/.test(name);

/**
 * One text: a list first, then every licence in full. A package without a licence file is named with what its manifest
 * says.
 */
export function notices(folders, more = []) {
  const parts = folders.map((folder) => {
    const { name, version, license, author, homepage } = manifestOf(folder);
    const texts = readdirSync(folder)
      .filter(isLicence)
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    const by = typeof author === 'string' ? author : author?.name;
    return {
      title: `${name} ${version}`,
      licence: typeof license === 'string' ? license : (license?.type ?? 'see below'),
      text:
        texts.join('\n\n') ||
        [`Licence: ${typeof license === 'string' ? license : 'not said'}`, by && `By ${by}`, homepage]
          .filter(Boolean)
          .join('\n'),
    };
  });
  const all = [...parts, ...more];
  const line = '='.repeat(80);
  return [
    'SamPO Studio is under the Apache licence 2.0. It carries the following software, under the licences given here.',
    '',
    ...all.map(({ title, licence }) => `${title} (${licence})`),
    ...all.flatMap(({ title, text }) => ['', line, title, line, '', text]),
    '',
  ].join('\n');
}
