// docs/architecture.md, "Folders, and who may import what", as dependency-cruiser rules. Paths are relative to the
// folder that holds src-main.
import type { IRegularForbiddenRuleType as IForbiddenRuleType } from 'dependency-cruiser';

const anyOf = (...names: string[]) => `^(node:)?(${names.join('|')})$`;
const npmPackage = (...names: string[]) => `(^|/)node_modules/(${names.join('|')})(/|$)`;

/** Files, hashes and what is computation only. Never processes or network: those belong to app. */
const engineCore = anyOf(
  'fs',
  'fs/promises',
  'path',
  'crypto',
  'os',
  'module',
  'util',
  'zlib',
  'url',
  'buffer',
  'stream',
  'stream/promises',
  'readline',
  'string_decoder',
  'perf_hooks',
  'vm',
  'worker_threads',
);
const storeCore = anyOf('path', 'fs', 'module');

const engineFiles = '^src-main/engine(/|\\.ts$)';

const forbid = (name: string, from: string, to: IForbiddenRuleType['to'], fromNot?: string): IForbiddenRuleType => ({
  name,
  severity: 'error',
  from: fromNot ? { path: from, pathNot: fromNot } : { path: from },
  to,
});

/**
 * The engine's rooms, each of which imports only rooms that stand before it: from graphs by way of families, batches
 * and programs to training and the jobs that drive it (docs/architecture.md). A new room takes its place here.
 */
export const engineRooms = [
  'protocol',
  'signals',
  'files',
  'graph',
  'batch',
  'methods',
  'families',
  'backends',
  'doctor',
  'model',
  'weights',
  'tokenizer',
  'source',
  'data',
  'program',
  'export',
  'adapter',
  'infer',
  'train/step',
  'train/probes',
  'train/report',
  'train/loop',
  'train/checkpoint',
  'train/reference',
  'train/plan',
  'train/run',
  'jobs',
] as const;
const roomFiles = (rooms: readonly string[]): string => `^src-main/engine/(${rooms.join('|')})(/|\\.ts$)`;
const roomOrder = engineRooms.map((room, i) =>
  forbid(`engine: ${room} imports only rooms before it`, roomFiles([room]), {
    path: roomFiles(engineRooms.slice(i + 1)),
  }),
);

export const layeringRules: IForbiddenRuleType[] = [
  forbid('no import circles', '^src-(main|renderer)/', { circular: true }),
  ...roomOrder.slice(0, -1), // jobs, the last, may import all

  forbid('shared imports only shared', '^src-main/shared/', {
    path: '^src-(main|renderer)/',
    pathNot: '^src-main/shared/',
  }),
  forbid('shared runs anywhere: no node', '^src-main/shared/', { dependencyTypes: ['core'] }),
  forbid('shared uses no package but zod', '^src-main/shared/', { path: 'node_modules', pathNot: npmPackage('zod') }),

  forbid('engine imports only engine and shared', engineFiles, {
    path: '^src-(main|renderer)/',
    pathNot: '^src-main/(engine|shared)/',
  }),
  forbid('engine uses files and computation of node only', engineFiles, {
    dependencyTypes: ['core'],
    pathNot: engineCore,
  }),
  forbid('engine knows neither electron, SQLite nor the page', engineFiles, {
    path: npmPackage('electron', 'better-sqlite3', 'react', 'react-dom', '@mui/[^/]+', '@emotion/[^/]+'),
  }),

  forbid('store imports only store and shared', '^src-main/store/', {
    path: '^src-(main|renderer)/',
    pathNot: '^src-main/(store|shared)/',
  }),
  forbid('store uses path and its database file', '^src-main/store/', {
    dependencyTypes: ['core'],
    pathNot: storeCore,
  }),
  forbid('store uses no package but better-sqlite3 and zod', '^src-main/store/', {
    path: 'node_modules',
    pathNot: npmPackage('better-sqlite3', '@types/better-sqlite3', 'zod'),
  }),

  forbid('app imports no page', '^src-main/app/', { path: '^src-renderer/' }),
  forbid('app knows the engine by its protocol', '^src-main/app/', {
    path: '^src-main/engine/',
    pathNot: '^src-main/engine/protocol\\.ts$',
  }),
  forbid('app takes only types from the protocol', '^src-main/app/', {
    path: '^src-main/engine/protocol\\.ts$',
    dependencyTypesNot: ['type-only'],
  }),
  forbid(
    'only store opens SQLite',
    '^src-(main|renderer)/',
    { path: npmPackage('better-sqlite3') },
    '^src-main/store/',
  ),

  forbid('the page imports only itself and shared', '^src-renderer/', {
    path: '^src-main/',
    pathNot: '^src-main/shared/',
  }),
  forbid('the page has no node', '^src-renderer/', { dependencyTypes: ['core'] }),
  forbid('the page has no electron and no engine packages', '^src-renderer/', {
    path: npmPackage('electron', 'better-sqlite3', '@tensorflow/[^/]+', '@huggingface/[^/]+'),
  }),
  forbid('nothing in src-main imports the page', '^src-main/', { path: '^src-renderer/' }),

  forbid('every import leads somewhere', '^src-(main|renderer)/', { couldNotResolve: true }),
];
