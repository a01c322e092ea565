// Speaks the engine's protocol as SAMPO_FAKE_ENGINE says: a child process for tests of those who own one.
const { appendFileSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const script = process.env.SAMPO_FAKE_ENGINE;
const send = (event) => process.send(event);
const metrics = (step) =>
  send({
    kind: 'metrics',
    step,
    epoch: step / 4,
    values: { loss: 0.7 - step / 10, 'perf/pairs_per_second': 2 },
    pairs: [],
    profile: null,
  });
const leave = () => setTimeout(() => process.exit(0), 50);
if (script !== 'silent') send({ kind: 'ready' });

/** A journal with a report that is never sent, one checkpoint, and a word after it. */
function withJournal(runDir) {
  const folder = path.join(runDir, 'journal');
  mkdirSync(folder, { recursive: true });
  const note = (first, event) =>
    appendFileSync(path.join(folder, `${String(first).padStart(12, '0')}.ndjson`), `${JSON.stringify(event)}\n`);
  const report = (seq, step) => ({
    kind: 'metrics',
    seq,
    step,
    epoch: 0,
    values: { loss: 1 / step },
    pairs: [],
    profile: null,
  });
  const checkpoint = { kind: 'checkpoint', seq: 3, step: 2, path: runDir, bytes: 10, best: null };
  for (const event of [report(1, 1), report(2, 2)]) note(1, event);
  send(report(1, 1));
  if (script === 'journal-crash') return process.exit(7);
  note(1, checkpoint);
  note(4, report(4, 3));
  send(checkpoint);
  send(report(4, 3));
  note(4, { kind: 'problem', seq: 5, message: 'the last word' });
  return undefined;
}

process.on('message', (command) => {
  if (command.kind === 'start') {
    if (script === 'garbage') return process.send('not a message');
    send({ kind: 'engine', engine: { backend: 'wasm', library: 'fake', devices: ['CPU'], reason: 'a test' } });
    send({ kind: 'phase', phase: 'tokenize', done: 1, total: 1 });
    send({ kind: 'running', firstStep: command.input.resume ? 3 : 1, totalSteps: 4 });
    if (script === 'fail') {
      send({ kind: 'failed', error: { code: 'bad-data', message: 'no pair', hint: 'mend it' } });
      return leave();
    }
    if (script.startsWith('journal')) return withJournal(command.input.runDir);
    metrics(1);
    metrics(2);
    send({ kind: 'checkpoint', step: 2, path: command.input.runDir, bytes: 10, best: null });
    if (script === 'crash') return process.exit(7);
    if (script === 'wait' || script === 'deaf') return undefined;
    if (script === 'much')
      for (let n = 0; n < 2000; n++)
        send({
          kind: 'probe',
          sample: { step: 1, prompt: n, promptText: 'p'.repeat(500), text: 't'.repeat(500), tokens: 1, finish: 'eos' },
        });
    metrics(4);
    send({
      kind: 'done',
      job: 'train',
      value: { outcome: 'finished', steps: 4, checkpointPath: command.input.runDir, best: null },
    });
    leave();
  } else if (script !== 'deaf') {
    const outcome = command.kind === 'pause' ? 'paused' : 'stopped';
    send({ kind: 'done', job: 'train', value: { outcome, steps: 2, checkpointPath: 'saved', best: null } });
    leave();
  }
});
