import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SetupError } from './errors.mjs';
import { exists, sha256File, sizeOf } from './files.mjs';
import { progress } from './log.mjs';

/**
 * Downloads `url` to `target` and checks its SHA-256. What an earlier try left in `<target>.part` is continued with
 * an HTTP Range request; the target itself appears only when it is whole and its hash is right.
 */
export async function download({
  url,
  target,
  sha256,
  name,
  tries = 4,
  connectTimeoutMs = 8000,
  stallTimeoutMs = 60_000,
}) {
  if (await exists(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const part = `${target}.part`;
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchInto(part, url, name, { connectTimeoutMs, stallTimeoutMs });
      break;
    } catch (error) {
      if (error instanceof SetupError || attempt >= tries) throw asSetupError(error, url);
      await new Promise((resolve) => setTimeout(resolve, 300 * 2 ** attempt));
    }
  }
  const actual = await sha256File(part);
  if (actual !== sha256) {
    await rm(part, { force: true });
    throw new SetupError(
      `${name}: the download from ${url} has SHA-256 ${actual}, expected ${sha256}`,
      'It was deleted. Run the command again; if this repeats, something between here and the server changes the file.',
    );
  }
  await rename(part, target);
  return target;
}

async function fetchInto(part, url, name, { connectTimeoutMs, stallTimeoutMs }) {
  const offset = await sizeOf(part);
  const abort = new AbortController();
  // One timer guards both phases: first the answer, then each chunk.
  let timer = setTimeout(() => abort.abort(new Error('no answer in time')), connectTimeoutMs);
  const file = await open(part, 'a');
  try {
    const response = await fetch(url, {
      signal: abort.signal,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    });
    if (response.status === 416) return; // nothing is left to fetch: the part was already whole
    if (response.status === 200 && offset > 0)
      await file.truncate(0); // this server cannot resume
    else if (!response.ok) throw refusal(response.status, url);
    const start = response.status === 206 ? offset : 0;
    const length = Number(response.headers.get('content-length'));
    const total = Number.isFinite(length) && length > 0 ? start + length : 0;
    const bar = progress(name, total);
    let done = start;
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(new Error('the connection stalled')), stallTimeoutMs);
        await file.writeFile(chunk);
        done += chunk.byteLength;
        bar.update(done);
      }
    } finally {
      bar.end();
    }
    if (total > 0 && done < total) throw new Error(`the connection ended at ${done} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

// A server that says "no" will say so again; only a broken connection or a 5xx is worth another try.
function refusal(status, url) {
  const text = `${url} answered HTTP ${status}`;
  return status >= 500 ? new Error(text) : new SetupError(text);
}

function asSetupError(error, url) {
  if (error instanceof SetupError) return error;
  const reason = error.cause?.code ?? error.cause?.message ?? error.message;
  return new SetupError(`could not download ${url}: ${reason}`, undefined, { cause: error });
}
