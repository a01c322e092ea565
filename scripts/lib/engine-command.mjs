// `sampo engine list | install cuda | remove cuda`: runs before the app, because it changes what the app loads.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
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
import { SetupError, UsageError } from './errors.mjs';
import { megabytes, say } from './log.mjs';
import { root } from './paths.mjs';

const usage = 'engine list | install cuda [--wheels DIR] | remove cuda';
const refused = (what) => new UsageError(what, `Usage: sampo ${usage}`);

/** `words`: the command line without `engine`. */
export async function engineCommand(words, manifest) {
  const { values, positionals } = parse(words);
  const asJson = values.json === true;
  const [action, name, ...more] = positionals;
  if (values.help) {
    const help = 'The CUDA build of TensorFlow, for NVIDIA cards on Linux.';
    const told = [{ command: 'engine', usage, help, flags: [{ name: 'wheels', value: 'DIR' }] }];
    process.stdout.write(`${asJson ? JSON.stringify(told) : `sampo ${usage}\n\n${help}`}\n`);
    return 0;
  }
  if (values.wheels === '') throw refused('--wheels has an empty value.');
  if (action === undefined) throw refused('Say what to do with engines.');
  if (!['list', 'install', 'remove'].includes(action)) throw refused(`There is no command engine ${action}.`);
  const [missing, extra] = action === 'list' ? [false, name] : [name === undefined, name === 'cuda' ? more[0] : name];
  if (missing) throw refused(`engine ${action} needs the engine's name.`);
  if (extra !== undefined) throw refused(`${extra} is not expected after engine ${action}.`);
  if (values.wheels !== undefined && action !== 'install') throw refused(`engine ${action} takes no --wheels.`);
  if (action === 'install') await install(values.wheels ?? null, manifest);
  if (action === 'remove') await removeCuda();
  const state = {
    name: 'cuda',
    installed: existsSync(cudaFolder()),
    driver: hasDriver(),
    folder: cudaFolder(),
    downloadBytes,
    check: readCheck(),
  };
  const absent = `not installed (${megabytes(downloadBytes)} to download)`;
  const line =
    `cuda  ${state.installed ? `installed in ${state.folder}` : absent}; ` +
    `NVIDIA driver: ${state.driver ? 'yes' : 'no'}`;
  process.stdout.write(`${asJson ? JSON.stringify(state) : line}\n`);
  return 0;
}

function parse(args) {
  const [value, isSwitch] = [{ type: 'string' }, { type: 'boolean' }];
  try {
    return parseArgs({
      args,
      options: { home: value, json: isSwitch, help: isSwitch, wheels: value },
      allowPositionals: true,
    });
  } catch (cause) {
    throw refused(cause.message);
  }
}

async function install(wheelsDir, manifest) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError('the CUDA engine is for Linux x64 only');
  say(`CUDA engine: ${megabytes(downloadBytes)} of wheels`);
  await installCuda({ wheelsDir });
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
