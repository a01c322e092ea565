import { startEngine } from './engine/jobs/engine-process';
import { watchParent } from './engine/jobs/parent-watch';
import { openTransport } from './engine/jobs/transport';
import { engineLine, levelOf, logTo } from './shared/log';

// Ctrl-C in a terminal signals its whole group, this process included; whether and how to stop is the parent's to say.
process.on('SIGINT', () => undefined);

logTo(
  (level, source, text) => void process.stderr.write(engineLine(level, source, text)),
  levelOf(process.env['SAMPO_LOG']) ?? 'info',
);

const watching = watchParent();
startEngine(openTransport(), () => void watching.then(() => process.exit(0)));
