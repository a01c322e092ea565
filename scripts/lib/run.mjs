import { spawn, spawnSync } from 'node:child_process';
import { SetupError } from './errors.mjs';

/** Runs a command to its end and returns its output; a non-zero exit throws with the last lines of stderr. */
export function run(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: needsShell(command),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', (cause) =>
      reject(new SetupError(`could not start ${command}: ${cause.message}`, undefined, { cause })),
    );
    child.on('close', (code) => {
      if (code === 0) return resolve({ stdout, stderr });
      reject(
        new SetupError(
          `${command} ${args.slice(0, 3).join(' ')} failed with code ${code}: ${complaint(stderr || stdout)}`,
        ),
      );
    });
  });
}

/** Runs a command in the user's terminal; resolves to its exit code. */
export function runInherited(command, args, { cwd, env, stdio = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio, shell: needsShell(command) });
    // Ctrl-C reaches the whole terminal group anyway; a supervisor's signal reaches only us.
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward);
      resolve(
        code ??
          128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15, SIGSEGV: 11, SIGABRT: 6, SIGTRAP: 5 }[signal] ?? 1),
      );
    });
  });
}

/** Whether a command exists and answers; for probing tools such as pip, g++ or dpkg. */
export function answers(command, args) {
  const result = spawnSync(command, args, { stdio: 'ignore', shell: needsShell(command) });
  return result.status === 0;
}

// npm is a .cmd on Windows, which Node refuses to spawn without a shell.
const needsShell = (command) => process.platform === 'win32' && !command.includes('\\');

/** What a tool complained about: npm says it first and pip last, and npm's warnings would drown both. */
function complaint(text) {
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => !/^npm (warn|notice)/.test(line) && line.trim() !== 'npm error');
  return lines.length <= 12 ? lines.join('\n') : [...lines.slice(0, 6), '…', ...lines.slice(-5)].join('\n');
}
