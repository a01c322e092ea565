// Everything the scripts say goes through here, so that `sampo … --json` can move it all to stderr.
let stream = process.stdout;

export function logToStderr() {
  stream = process.stderr;
}

export function say(text) {
  clearBar();
  stream.write(`${text}\n`);
}

export const duration = (ms) =>
  ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Runs one named step and says how long it took; steps that had nothing to do stay quiet after their name. */
export async function step(name, work) {
  const started = Date.now();
  const detail = await work();
  say(`  ${name}${detail ? `: ${detail}` : ''} (${duration(Date.now() - started)})`);
}

const bars = new Map();
let lastDraw = 0;

/** Progress of one long task. A terminal gets one line redrawn in place, a log file a line every five seconds. */
export function progress(name, totalBytes) {
  const started = Date.now();
  let lastLine = started;
  return {
    update(doneBytes) {
      bars.set(name, { doneBytes, totalBytes });
      const now = Date.now();
      if (stream.isTTY && now - lastDraw > 100) {
        lastDraw = now;
        stream.write(`\r\x1b[K  ${[...bars].map(([n, b]) => `${n} ${describe(b)}`).join('   ')}`);
      } else if (!stream.isTTY && now - lastLine > 5000) {
        lastLine = now;
        say(`    ${name}: ${describe({ doneBytes, totalBytes })}`);
      }
    },
    end() {
      bars.delete(name);
      clearBar();
    },
  };
}

/** For tools that report nothing themselves (npm, pip, g++): says every few seconds that we still wait. */
export function waiting(name) {
  const started = Date.now();
  const timer = setInterval(() => say(`    ${name}: ${duration(Date.now() - started)} so far`), 10_000);
  return () => clearInterval(timer);
}

function describe({ doneBytes, totalBytes }) {
  if (!totalBytes) return megabytes(doneBytes);
  return `${Math.floor((doneBytes / totalBytes) * 100)} % of ${megabytes(totalBytes)}`;
}

function clearBar() {
  if (stream.isTTY) stream.write('\r\x1b[K');
}
