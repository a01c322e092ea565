#!/usr/bin/env node
// Kills main, the engine or both with SIGKILL at random moments of a run through the command line, resumes it, and
// compares with a run that was never touched:
//   node test/bench/kills.mjs [--kills 50] [--who main|engine|both|mixed] [--seed 1] [--steps 30] [--lora]
//     [--model FOLDER_OR_GGUF --data FILE] [--limit 60] [--keep DIR]
// SamPO, all weights; with --lora an adapter, whose calls run in lanes where the machine has processors for that. The
// starter model and its pairs, or the ones given. Equal means: the whole history in the store row for row (metrics but
// the values of those that tell time and memory, pairs, profile, probes, checkpoints), and the bytes of the last
// checkpoint's weights and optimizer state. A killed main's engine must be gone within two seconds; half of the runs
// are resumed without waiting for that. Often main is stopped (SIGSTOP) for a while before it is killed: the engine
// then saves checkpoints that main never hears of. Every fifth kill waits for the next checkpoint that is being
// written. A resumed run may be killed again. Needs Linux (/proc). Ends with exit code 1 at the first difference.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { history, historyDifferences } from '../support/history.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    who: { type: 'string', default: 'mixed' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '30' },
    lora: { type: 'boolean', default: false },
    model: { type: 'string', default: join(root, 'resources', 'starter', 'model') },
    data: { type: 'string', default: join(root, 'resources', 'starter', 'pairs.jsonl') },
    limit: { type: 'string', default: '60' },
    keep: { type: 'string' },
  },
});

let state = Number(flags.seed);
const whos = flags.who === 'mixed' ? ['main', 'engine', 'both'] : [flags.who];
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

async function main() {
  const work = flags.keep ? resolve(flags.keep) : mkdtempSync(join(tmpdir(), 'sampo-kills-'));
  const spec = join(work, 'spec.json');
  writeFileSync(
    spec,
    JSON.stringify({
      model: { path: resolve(flags.model) },
      dataset: { path: resolve(flags.data), limit: Number(flags.limit) },
      method: { id: 'sampo' },
      adapter: { kind: flags.lora ? 'lora' : 'none' },
      training: {
        maxSteps: Number(flags.steps),
        pairsPerStep: 4,
        learningRate: 5e-5,
        maxLength: 256,
        checkpointEvery: 3,
        evalEvery: 5,
        keepCheckpoints: 2,
      },
      probes: { everySteps: 10, maxNewTokens: 16 },
    }),
  );
  const whole = await train(join(work, 'whole'), ['--spec', spec], null);
  if (whole.killed || whole.code !== 0) throw new Error(`the uninterrupted run failed:\n${whole.notes}`);
  const expected = await outcome(join(work, 'whole'));
  const rows = Object.entries(expected.history.tables)
    .map(([table, all]) => `${all.length} ${table}`)
    .join(', ');
  console.log(
    `uninterrupted: ${Math.round(whole.ms)} ms, ${rows}, weights ${expected.files['weights.safetensors'].slice(0, 12)}`,
  );

  const wanted = Number(flags.kills);
  const phases = {};
  const victims = {};
  let slowest = 0;
  for (let kills = 0, trial = 0; kills < wanted; trial++) {
    const home = join(work, `home-${trial}`);
    let args = ['--spec', spec];
    let here = 0;
    for (;;) {
      const again = here === 0 || (here < 4 && random() < 0.3);
      const moment =
        kills < wanted && again
          ? {
              afterMs: (0.1 + 0.75 * random()) * whole.ms,
              atSave: kills % 5 === 4,
              who: whos[kills % whos.length],
              waits: random() < 0.5,
              frozenMs: random() < 0.6 ? random() * 1500 : 0,
            }
          : null;
      const part = await train(home, args, moment);
      if (!part.killed) {
        // main died before it could note the end; the journal had it
        if (here > 0 && part.last.includes('is finished and cannot be resumed')) break;
        if (part.code !== 0)
          throw new Error(
            `trial ${trial} failed with exit code ${part.code} after ${here} kills:\n${part.notes}\n${part.last}`,
          );
        break;
      }
      here++;
      kills++;
      phases[part.phase] = (phases[part.phase] ?? 0) + 1;
      victims[moment.who] = (victims[moment.who] ?? 0) + 1;
      slowest = Math.max(slowest, part.goneMs);
      if (part.goneMs > 2000)
        throw new Error(`trial ${trial}: the engine was there ${part.goneMs} ms after its main process`);
      if (!existsSync(join(home, 'runs'))) throw new Error('the run was killed before it was in the history');
      args = ['--resume', 'last'];
    }
    const differences = compare(expected, await outcome(home));
    console.log(
      `trial ${trial}: ${here} kills, ${kills} of ${wanted} so far, ` +
        `${differences.length === 0 ? 'equal' : `DIFFERENT: ${differences.join(', ')}`}`,
    );
    if (differences.length > 0) process.exit(1);
    rmSync(home, { recursive: true, force: true });
  }
  const listed = (counts, word) =>
    Object.entries(counts)
      .map(([what, n]) => `${n} ${word} ${what}`)
      .join(', ');
  console.log(
    `${wanted} kills (${listed(phases, 'at')}; ${listed(victims, 'of')}; engines gone after ${Math.round(slowest)} ms at ` +
      'most): every resumed run equals the uninterrupted one bit for bit, and so does its history, row for row',
  );
  if (!flags.keep) rmSync(work, { recursive: true, force: true });
}

/**
 * One `sampo train`; with a moment, its victim is killed then, unless it ends before. Time counts from the engine's
 * start.
 */
function train(home, args, moment) {
  const child = spawn(
    process.execPath,
    [join(root, 'scripts', 'sampo.mjs'), '--home', home, '--json', 'train', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const result = { killed: false, phase: 'start', notes: '', last: '', finished: false, code: null, ms: 0, goneMs: 0 };
  let engine = null;
  let started = 0;
  let rest = '';
  child.stderr.on('data', (data) => (result.notes += data));
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      result.last = line; // errors are told there too
      const event = JSON.parse(line);
      result.finished ||= event.status === 'finished';
      result.phase =
        event.phase ??
        (event.event === 'metrics' || event.event === 'checkpoint' || event.event === 'probe'
          ? 'training'
          : result.phase);
    }
  });
  let gone = Promise.resolve();
  const kill = async () => {
    clearInterval(watch);
    const main = parentOf(engine);
    const victims = { engine: [engine], main: [main], both: [main, engine] }[moment.who];
    try {
      if (moment.who !== 'engine' && moment.frozenMs > 0) {
        process.kill(main, 'SIGSTOP');
        await new Promise((done) => setTimeout(done, moment.frozenMs));
      }
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      result.killed = true;
      if (moment.atSave) result.phase = 'saving';
      const killedAt = performance.now();
      const isGone = untilGone(engine).then(() => (result.goneMs = performance.now() - killedAt));
      if (moment.waits || moment.who !== 'main') gone = isGone;
    } catch {
      // it has ended by itself
    }
  };
  const watch = setInterval(() => {
    engine ??= engineOf(child.pid);
    if (engine === null) return;
    if (started === 0) started = performance.now();
    if (moment === null || performance.now() - started < moment.afterMs) return;
    if (!moment.atSave || isSaving(home)) void kill();
  }, 1);
  // the engine may be hit after the run has ended and before it has gone; that is no kill of the run
  return new Promise((done) =>
    child.on('close', async (code) => {
      clearInterval(watch);
      await gone;
      done({ ...result, killed: result.killed && !result.finished, code, ms: performance.now() - started });
    }),
  );
}

function isSaving(home) {
  try {
    const runs = join(home, 'runs');
    return readdirSync(runs).some((run) =>
      readdirSync(join(runs, run, 'checkpoints')).some((name) => name.includes('.tmp-')),
    );
  } catch {
    return false; // no checkpoint yet
  }
}

/** The engine among the descendants of a process. */
function engineOf(pid) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(processes.map((id) => [id, parentOf(id)]));
  const isBelow = (id) => id === pid || (id > 1 && parents.has(id) && isBelow(parents.get(id)));
  return processes.find((id) => isBelow(id) && commandOf(id).includes('engine.cjs')) ?? null;
}

const textOf = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const parentOf = (id) => Number(textOf(`/proc/${id}/stat`).split(') ').at(-1).split(' ')[1] ?? 0);
const commandOf = (id) => textOf(`/proc/${id}/cmdline`);

async function untilGone(pid) {
  while (commandOf(pid) !== '') await new Promise((done) => setTimeout(done, 10));
}

/** What must be equal. */
async function outcome(home) {
  const whole = await history(home);
  const checkpoints = join(home, 'runs', whole.id, 'checkpoints');
  const last = join(checkpoints, `checkpoint-${flags.steps}`);
  const files = Object.fromEntries(
    ['weights.safetensors', 'optimizer.safetensors'].map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(last, name)))
        .digest('hex'),
    ]),
  );
  return {
    history: whole,
    files,
    folders: readdirSync(checkpoints).sort().join(' '),
    journal: existsSync(join(home, 'runs', whole.id, 'journal')),
  };
}

function compare(a, b) {
  return [
    ...historyDifferences(a.history, b.history),
    ...Object.keys(a.files).filter((name) => a.files[name] !== b.files[name]),
    ...(a.folders === b.folders ? [] : [`checkpoints ${b.folders}`]),
    ...(b.history.problems.some((words) => words.includes('damaged')) ? ['a damaged journal'] : []),
    ...(b.journal ? ['the journal was left behind'] : []),
  ];
}

await main();
