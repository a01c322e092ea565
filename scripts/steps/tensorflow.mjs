import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { completeFolder, sha256 } from '../lib/files.mjs';
import { waiting } from '../lib/log.mjs';
import { cacheDir, modulesDir, root } from '../lib/paths.mjs';
import { nodeApiHeaders, tensorflowWheel } from '../lib/pins.mjs';
import { npmTarball, pypiWheel, pythonWithPip } from '../lib/registry.mjs';
import { answers, run } from '../lib/run.mjs';
import { extractZip } from '../lib/unzip.mjs';
import { ensureTool } from './system-libraries.mjs';

const tfjsNode = join(modulesDir, '@tensorflow', 'tfjs-node-gpu');
const sourceFolder = join(tfjsNode, 'binding');
/** Our own addons: where TensorFlow's memory comes from, and kernels that it lacks. */
const ownFolder = join(root, 'src-main', 'engine', 'backends', 'tensorflow', 'native');
// A release carries the library inside the package; a checkout finds it in the cache.
const compilerFlags = [
  '-std=c++17',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fPIC',
  '-shared',
  '-DNAPI_VERSION=8',
  '-Wl,-rpath,$ORIGIN/../../deps/lib',
];
/** What the addons include, directly or not. */
const headerFolders = [
  'tensorflow/c/',
  'tensorflow/core/common_runtime/next_pluggable_device/c/',
  'tensorflow/core/platform/ctstring',
  'tsl/platform/',
  'xla/tsl/c/',
  'xla/tsl/framework/',
  'xla/tsl/platform/',
  'absl/',
  'Eigen/',
  'ml_dtypes/include/',
];

/** By content: the wheel, and what is taken out of it. */
const tensorflowFolder = () =>
  join(
    cacheDir(),
    'tensorflow',
    `${tensorflowWheel.version}-${sha256(tensorflowWheel.sha256, headerFolders.join()).slice(0, 12)}`,
  );

/**
 * libtensorflow and the headers that the addon needs, out of the wheel. Needs no node_modules, so it runs beside npm
 * ci.
 */
export async function installLibrary() {
  await completeFolder(tensorflowFolder(), async (folder) => {
    const wheel = await pypiWheel(tensorflowWheel).catch(async (error) => {
      // Without pip the wheel comes straight from its host; where that fails, pip may know a mirror.
      if (pythonWithPip() || !(await ensureTool(() => Boolean(pythonWithPip()), ['python3-pip']))) throw error;
      return pypiWheel(tensorflowWheel);
    });
    await extractZip(wheel, folder, placeFromWheel);
    await rm(wheel, { force: true });
  });
  return { version: tensorflowWheel.version, libDir: join(tensorflowFolder(), 'lib') };
}

/** Two libraries and about two thousand headers out of 14,000 members. */
export function placeFromWheel(name) {
  if (/^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name)) return `lib/${basename(name)}`;
  const header = name.startsWith('tensorflow/include/') ? name.slice('tensorflow/include/'.length) : '';
  return !name.endsWith('/') && headerFolders.some((folder) => header.startsWith(folder)) ? `include/${header}` : null;
}

/**
 * Compiles tfjs-node's addon and ours against that library and puts both where the unmodified package looks for its
 * own.
 */
export async function installAddon() {
  const filesIn = async (folder) => (await readdir(folder)).sort().map((file) => join(folder, file));
  const [binding, own] = [await filesIn(sourceFolder), await filesIn(ownFolder)];
  const contents = await Promise.all([...binding, ...own].map((file) => readFile(file)));
  const key = sha256(...contents, compilerFlags.join(' '), tensorflowFolder(), nodeApiHeaders.sha256).slice(0, 16);
  const folder = join(cacheDir(), 'addon', key);
  if (!existsSync(folder) && !(await ensureTool(() => answers('g++', ['--version']), ['g++']))) {
    throw new Error('its addons must be compiled and there is no C++ compiler (on Debian: apt-get install g++)');
  }
  const sources = (files) => files.filter((file) => file.endsWith('.cc'));
  const addons = {
    'tfjs_binding.node': sources(binding),
    ...Object.fromEntries(sources(own).map((file) => [`sampo_${basename(file, '.cc')}.node`, [file]])),
  };
  await completeFolder(folder, (temporary) => compile(temporary, addons));
  for (const name of Object.keys(addons)) await placeAddon(join(folder, name));
}

async function compile(folder, addons) {
  const tarball = await npmTarball(nodeApiHeaders);
  const headers = join(folder, 'headers');
  await mkdir(headers);
  await run('tar', ['-xzf', tarball, '-C', headers, '--strip-components=2', 'package/include']);
  const libraries = join(tensorflowFolder(), 'lib');
  const done = waiting('compiling the TensorFlow addons');
  try {
    await Promise.all(
      Object.entries(addons).map(([name, sources]) =>
        run('g++', [
          ...compilerFlags,
          '-I',
          headers,
          '-I',
          join(tensorflowFolder(), 'include'),
          ...sources,
          '-L',
          libraries,
          '-l:libtensorflow_cc.so.2',
          '-l:libtensorflow_framework.so.2',
          `-Wl,-rpath,${libraries}`,
          '-o',
          join(folder, name),
        ]),
      ),
    );
  } finally {
    done();
  }
  await rm(headers, { recursive: true });
}

/** A copy rather than a link, because packaging refuses links that lead out of the project. */
async function placeAddon(addon) {
  const target = join(tfjsNode, 'lib', 'napi-v8', basename(addon));
  const wanted = await readFile(addon);
  if (
    await readFile(target).then(
      (current) => current.equals(wanted),
      () => false,
    )
  )
    return;
  await mkdir(dirname(target), { recursive: true });
  // Renamed into place: a process that has the old file mapped keeps it whole.
  await copyFile(addon, `${target}.new`);
  await rename(`${target}.new`, target);
}

/** macOS and Windows: the package's own script fetches its prebuilt addon and library (TensorFlow 2.9.1). */
export async function installByPackageScript() {
  const addon = join(tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(addon)) {
    const done = waiting('tfjs-node install script');
    try {
      await run(process.execPath, ['scripts/install.js', 'gpu', 'download'], { cwd: tfjsNode });
    } finally {
      done();
    }
    // On Windows the script puts the library beside the folder of the running Node's Node-API version, not the addon's.
    const found = process.platform === 'win32' && (await findDll());
    if (found) await copyFile(found, join(dirname(addon), basename(found)));
  }
  return { version: '2.9.1', libDir: join(tfjsNode, 'deps', 'lib') };
}

async function findDll() {
  const folders = await readdir(join(tfjsNode, 'lib'));
  return folders
    .map((folder) => join(tfjsNode, 'lib', folder, 'tensorflow.dll'))
    .find((file) => existsSync(file) && !file.includes('napi-v8'));
}
