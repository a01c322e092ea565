// All that the store knows of the newest run of a home, row for row, but what tells time and memory. Read by the app's
// own runtime, whose SQLite it is.
import { spawnSync } from 'node:child_process';
import { childEnvironment, readManifest } from '../../scripts/lib/manifest.mjs';

const reader = `
const path = require('node:path');
const { sqlite } = JSON.parse(require('node:fs').readFileSync(process.env.SAMPO_RUNTIME, 'utf8'));
const database = new (require(sqlite ?? 'better-sqlite3'))(path.join(process.argv[1], 'sampo.sqlite'));
const { id, status, progress, problems } = database.prepare('SELECT * FROM runs ORDER BY created_at DESC, rowid DESC LIMIT 1').get();
const rows = (sql) => database.prepare(sql).raw().all(id).map((row) => row.join(' | '));
const { existsSync } = require('node:fs');
process.stdout.write(JSON.stringify({
  id, status, step: JSON.parse(progress).step, problems: JSON.parse(problems),
  tables: {
    metrics: rows("SELECT name, step, value FROM metrics WHERE run_id = ? AND name NOT LIKE 'perf/%' ORDER BY name, step"),
    timed: rows("SELECT name, step FROM metrics WHERE run_id = ? AND name LIKE 'perf/%' ORDER BY name, step"),
    pairs: rows('SELECT step, split, data_row, chosen_tokens, rejected_tokens, kept_tokens, chosen_reward, rejected_reward, margin, full_margin FROM pair_points WHERE run_id = ? ORDER BY step, split, data_row'),
    profile: rows('SELECT profile FROM position_profiles WHERE run_id = ?'),
    probes: rows('SELECT step, prompt, prompt_text, text, tokens, finish FROM probes WHERE run_id = ? ORDER BY step, prompt'),
    checkpoints: database.prepare('SELECT step, path, bytes FROM checkpoints WHERE run_id = ? ORDER BY step').raw().all(id).filter(([, file]) => existsSync(file)).map(([step, file, bytes]) => [step, path.basename(file), bytes].join(' | ')),
  },
}));
`;

export async function history(home) {
  const manifest = await readManifest();
  const env = { ...process.env, ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1' };
  const { status, stdout, stderr } = spawnSync(manifest.electron, ['-e', reader, home], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    cwd: new URL('../..', import.meta.url),
  });
  if (status !== 0) throw new Error(`the history of ${home} cannot be read:\n${stderr}`);
  return JSON.parse(stdout);
}

/** What two histories do not have in common, a few words a table; empty: nothing. */
export function historyDifferences(a, b) {
  return Object.keys(a.tables).flatMap((table) => {
    const [mine, theirs] = [a.tables[table], b.tables[table]];
    const known = new Set(theirs);
    const missing = mine.filter((row) => !known.has(row));
    const more = theirs.length - (mine.length - missing.length);
    return missing.length === 0 && more === 0
      ? []
      : [
          `${table}: ${missing.length} of ${mine.length} rows missing, ${more} ` +
            `more${missing[0] ? `, first: ${missing[0].slice(0, 90)}` : ''}`,
        ];
  });
}
