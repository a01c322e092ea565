import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');
export const starter = {
  model: path.join(root, 'resources/starter/model'),
  pairs: path.join(root, 'resources/starter/pairs.jsonl'),
};
export const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), 'sampo-e2e-'));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as one JSON value. */
  json<T = Readonly<Record<string, never>>>(): T;
  /** stdout as one JSON value a line. */
  events(): readonly Readonly<Record<string, unknown>>[];
}

type OnLine = (line: string, child: ChildProcess) => void;
interface Start {
  readonly cwd?: string;
  readonly detached?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** For what `onLine` cannot see: stdout before a line is whole. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * `npx sampo` without npx: the same script. `onLine` sees stdout as it comes; `detached` gives it a process group of
 * its own, as a terminal does.
 */
export function sampo(home: string, args: readonly string[], onLine?: OnLine, start: Start = {}): Promise<Finished> {
  const { cwd = root, detached = false, env = {}, onStart } = start;
  const child = spawn(process.execPath, [path.join(root, 'scripts/sampo.mjs'), '--home', home, '--json', ...args], {
    cwd,
    detached,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  let [stdout, stderr, seen] = ['', '', 0];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const lines = stdout.split('\n').slice(0, -1);
    for (const line of lines.slice(seen)) onLine?.(line, child);
    seen = lines.length;
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({
        code,
        stdout,
        stderr,
        json: <T>() => JSON.parse(stdout) as T,
        events: () =>
          stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
      }),
    ),
  );
}

export function writeSpec(folder: string, spec: Readonly<Record<string, unknown>>): string {
  const file = path.join(folder, `spec-${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

/**
 * The engine process that a CLI process started, directly or through its wrapper; other programs' engines are left
 * alone.
 */
export function enginePid(cli: number): number | null {
  return below(cli, 'engine.cjs');
}

/** The window's engine, an Electron utility process. */
export const utilityPid = (main: number): number | null => below(main, 'node.mojom.NodeService');

function below(ancestor: number, command: string): number | null {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return processes.find((pid) => read(pid, 'cmdline').includes(command) && descendsFrom(pid, ancestor)) ?? null;
}

/** Its parent: the command line's own process, below its starter. */
export const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0);

/** A zombie has no command line any more. */
export const isRunning = (pid: number): boolean => read(pid, 'cmdline') !== '';

function descendsFrom(pid: number, ancestor: number): boolean {
  for (let current = pid; current > 1; ) {
    if (current === ancestor) return true;
    current = Number(/^PPid:\s+(\d+)/m.exec(read(current, 'status'))?.[1] ?? 0);
  }
  return false;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
