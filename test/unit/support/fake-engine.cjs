// Speaks the engine's protocol as SAMPO_FAKE_ENGINE says: a child process for tests of those who own one.
const script = process.env.SAMPO_FAKE_ENGINE;
const send = (event) => process.send(event);
const metrics = (step) => send({ kind: 'metrics', step, epoch: step / 4, values: { loss: 0.7 - step / 10, 'perf/pairs_per_second': 2 }, pairs: [], profile: null });
const leave = () => setTimeout(() => process.exit(0), 50);
if (script !== 'silent') send({ kind: 'ready' });
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
    metrics(1);
    metrics(2);
    send({ kind: 'checkpoint', step: 2, path: command.input.runDir, bytes: 10, best: null });
    if (script === 'crash') return process.exit(7);
    if (script === 'wait') return undefined;
    if (script === 'much') for (let n = 0; n < 2000; n++) send({ kind: 'probe', sample: { step: 1, prompt: n, promptText: 'p'.repeat(500), text: 't'.repeat(500), tokens: 1, finish: 'eos' } });
    metrics(4);
    send({ kind: 'done', job: 'train', value: { outcome: 'finished', steps: 4, checkpointPath: command.input.runDir, best: null } });
    leave();
  } else {
    const outcome = command.kind === 'pause' ? 'paused' : 'stopped';
    send({ kind: 'done', job: 'train', value: { outcome, steps: 2, checkpointPath: 'saved', best: null } });
    leave();
  }
});
