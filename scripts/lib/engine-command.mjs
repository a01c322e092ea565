// `sampo engine list | install cuda | remove cuda`: runs before the app, because it changes what the app loads.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import {
  cudaEnvironment,
  cudaFolder,
  downloadBytes,
  hasDriver,
  installCuda,
  readCheck,
  removeCuda,
  writeCheck,
} from './cuda.mjs';
import { SetupError } from './errors.mjs';
import { megabytes, say } from './log.mjs';
import { root } from './paths.mjs';

export async function engineCommand(words, manifest) {
  const [action, name] = words.filter((word) => word !== '--json');
  if (action !== 'list' && name !== 'cuda')
    throw new SetupError('sampo engine list | install cuda [--wheels DIR] | remove cuda');
  if (action === 'install') await install(words, manifest);
  else if (action === 'remove') await removeCuda();
  else if (action !== 'list')
    throw new SetupError(
      `there is no engine ${action}`,
      'sampo engine list | install cuda [--wheels DIR] | remove cuda',
    );
  const state = {
    name: 'cuda',
    installed: existsSync(cudaFolder()),
    driver: hasDriver(),
    folder: cudaFolder(),
    downloadBytes,
    check: readCheck(),
  };
  const line = `cuda  ${state.installed ? `installed in ${state.folder}` : `not installed (${megabytes(downloadBytes)} to download)`}; NVIDIA driver: ${state.driver ? 'yes' : 'no'}`;
  process.stdout.write(`${words.includes('--json') ? JSON.stringify(state) : line}\n`);
  return 0;
}

async function install(words, manifest) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError('the CUDA engine is for Linux x64 only');
  const at = words.indexOf('--wheels');
  say(`CUDA engine: ${megabytes(downloadBytes)} of wheels`);
  await installCuda({ wheelsDir: at < 0 ? null : words[at + 1] });
  const env = { ...process.env, ...cudaEnvironment(cudaFolder(), process.env), ELECTRON_RUN_AS_NODE: '1' };
  const { status, signal, stderr } = spawnSync(
    manifest.electron,
    ['-e', "require('@tensorflow/tfjs-node-gpu').backend()"],
    { cwd: root, env, encoding: 'utf8' },
  );
  const ok = status === 0;
  await writeCheck({
    ok,
    reason: ok ? null : (stderr.split('\n').find((line) => /Error/.test(line)) ?? `it ended with ${signal ?? status}`),
  });
}
