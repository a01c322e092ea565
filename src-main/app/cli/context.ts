import { throwFailure } from '../../shared/result';
import type { RunRecord } from '../../store/runs';
import type { RunEvents } from '../runs/run-events';
import type { Services } from '../services';
import type { Arguments, Flag } from './arguments';
import type { Output } from './output';

/** One command: its flags beside --home and --json, what the help says, and the work. */
export interface Command {
  readonly usage: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  /** How many words may follow the command's name. */
  readonly words: readonly [number, number];
  run(context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly args: Arguments;
  readonly output: Output;
  /** Where the state lies. */
  readonly home: string;
  /** Opens the home folder; commands that do not need it never do. */
  services(events?: RunEvents): Services;
}

/** A run by id, unique prefix or `last`. */
export function findRun({ store }: Services, name: string): RunRecord {
  const all = store.runs.list();
  if (name === 'last')
    return all[0] ?? throwFailure('not-found', 'There is no run yet.', 'npx sampo train --spec FILE starts one.');
  const found = all.filter((run) => run.id === name || run.id.startsWith(name));
  const exact = found.find((run) => run.id === name);
  if (exact) return exact;
  if (found.length > 1)
    return throwFailure(
      'not-found',
      `${found.length} runs begin with ${name}.`,
      `Write more of the id: ${found.map((run) => run.id).join(', ')}.`,
    );
  return found[0] ?? throwFailure('not-found', `There is no run ${name}.`, 'npx sampo runs list shows all of them.');
}
