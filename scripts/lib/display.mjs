import { spawn } from 'node:child_process';
import { SetupError } from './errors.mjs';

/**
 * A display of our own for end-to-end tests, so that no window disturbs the user and machines without a screen work.
 * Xvfb picks a free number itself and tells it on the descriptor we give it.
 */
export async function withDisplay(work, { env = process.env } = {}) {
  if (process.platform !== 'linux' || env.SAMPO_HEADED) return work(env);
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const stop = () => child.kill();
  process.on('exit', stop);
  try {
    const number = await new Promise((resolve, reject) => {
      const failed = (why) =>
        reject(new SetupError(`Xvfb did not start: ${why}`, 'On Debian or Ubuntu: sudo apt-get install xvfb'));
      child.on('error', (error) => failed(error.message));
      child.on('exit', (code) => failed(`it ended with code ${code}`));
      child.stdio[3].once('data', (chunk) => resolve(String(chunk).trim()));
      setTimeout(() => failed('no answer in 20 s'), 20_000).unref();
    });
    const { WAYLAND_DISPLAY: _, ...rest } = env;
    return await work({ ...rest, DISPLAY: `:${number}` });
  } finally {
    process.off('exit', stop);
    stop();
  }
}
