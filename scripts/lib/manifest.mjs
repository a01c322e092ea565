// node_modules/.sampo/runtime.json: which runtime this checkout uses. The app's CLI and `doctor` read it too.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { chooseLibrary, cudaEnvironment, cudaFolder, hasDriver, readCheck } from './cuda.mjs';
import { writeAtomic } from './files.mjs';
import { manifestPath } from './paths.mjs';

/** The manifest, or null when there is none that can be used (then set-up must run). */
export async function readManifest(path = manifestPath) {
  try {
    return parseManifest(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

export function parseManifest(value) {
  const text = (key) => typeof value?.[key] === 'string' && value[key] !== '';
  const isSource = value?.electronSource === 'official' || value?.electronSource === 'cypress';
  const isSqlite = value?.sqlite === null || text('sqlite');
  const isTensorflow =
    value?.tensorflow === null ||
    (typeof value?.tensorflow?.version === 'string' && typeof value?.tensorflow?.libDir === 'string');
  if (!text('electron') || !text('electronVersion') || !isSource || !isSqlite || !isTensorflow)
    throw new Error('not a runtime manifest');
  return value;
}

/** A cache may be deleted under a manifest that still points into it. */
export const isUsable = (manifest) =>
  manifest !== null &&
  existsSync(manifest.electron) &&
  (manifest.sqlite === null || existsSync(manifest.sqlite)) &&
  (manifest.tensorflow === null || existsSync(manifest.tensorflow.libDir));

export const writeManifest = (manifest, path = manifestPath) =>
  writeAtomic(path, `${JSON.stringify(parseManifest(manifest), null, 2)}\n`);

/** What every child process of ours gets: where the manifest is, and TensorFlow's switches, which it reads at load. */
export function childEnvironment(manifest, base = process.env) {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...base,
    SAMPO_RUNTIME: manifestPath,
    ...(manifest.tensorflow && process.platform === 'win32'
      ? { PATH: `${manifest.tensorflow.libDir};${base.PATH ?? ''}` }
      : {}),
    ...(manifest.tensorflow && process.platform === 'linux' ? libraryEnvironment(base) : {}),
  };
}

/** The CUDA library where it can be used; else the sentence that `doctor` shows. */
function libraryEnvironment(base) {
  const { cuda, reason } = chooseLibrary({
    installed: existsSync(cudaFolder()),
    driver: hasDriver(),
    device: base.SAMPO_DEVICE,
    checked: readCheck(),
  });
  return cuda ? cudaEnvironment(cudaFolder(), base) : { SAMPO_CUDA_REASON: reason };
}
