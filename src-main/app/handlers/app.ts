import { readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isRelease } from '../../shared/build-kind';
import type { Handlers } from '../../shared/ipc/contract';
import { methodCatalogue } from '../../shared/catalogue/method-catalogue';
import type { AppInfo, GpuCard } from '../../shared/views/app';
import { throwFailure } from '../../shared/result';
import { diagnostics } from '../diagnostics';
import { doctorReport } from '../doctor';
import { cardInUse, gpuCards, isCudaLibrary } from '../gpu-cards';
import { folderBytes } from '../folder-size';
import { LogFile } from '../log-file';
import { requireFound } from '../services';
import type { HandlerContext } from './context';

type AppHandlers = Pick<
  Handlers,
  | 'app:info'
  | 'app:doctor'
  | 'app:diagnostics'
  | 'app:save-diagnostics'
  | 'app:end-now'
  | 'app:methods'
  | 'app:reveal'
  | 'settings:get'
  | 'settings:set'
  | 'files:pick'
  | 'jobs:list'
  | 'jobs:cancel'
>;

export function appHandlers({
  services,
  tokens,
  pick,
  pickTarget,
  reveal,
  endNow,
  emit,
  appVersion,
}: HandlerContext): AppHandlers {
  const { folders, store, runs, jobs } = services;
  let shown: string | null = null;
  return {
    'app:info': async () => {
      const cards = gpuCards();
      return {
        version: appVersion,
        electron: process.versions.electron ?? '',
        runtimeSource: runtimeSource(),
        hasCommandLine: !isRelease,
        ...engineLine(cardInUse(cards, services.engineSettings().device, isCudaLibrary())),
        cards,
        home: folders.home,
        diskFreeBytes: freeBytes(folders.home),
        folders: [
          ['Runs', folders.runs],
          ['Caches', folders.caches],
          ['Exports', folders.exports],
        ].map(([name, path]) => ({ name: name!, path: path!, bytes: folderBytes(path!) })),
      };
    },
    'app:doctor': () => doctorReport(services),
    'app:diagnostics': async () => {
      shown = await diagnostics(services, appVersion);
      return { text: shown };
    },
    'app:save-diagnostics': async () => {
      const text = shown ?? throwFailure('bad-input', 'There are no diagnostics to save yet.', 'Look at them first.');
      const target = await pickTarget(`sampo-diagnostics-${new Date().toISOString().slice(0, 10)}.txt`);
      if (target === null) return null;
      const partial = `${target}.part-${process.pid}`;
      writeFileSync(partial, text);
      renameSync(partial, target);
      return { path: target };
    },
    'app:end-now': () => Promise.resolve((endNow(), null)),
    'app:methods': () => Promise.resolve(methodCatalogue),
    'app:reveal': ({ what, id }) => {
      if (what === 'home') reveal(folders.home);
      else if (what === 'log') reveal(new LogFile(folders.logs).file);
      else if (what === 'run') reveal(runs.runDir(requireFound(store.runs.get(id ?? ''), 'The run').id));
      else reveal(requireFound(store.exports.get(id ?? ''), 'The export').path);
      return Promise.resolve(null);
    },
    'settings:get': () => Promise.resolve(store.settings.get()),
    'settings:set': (change) => {
      const settings = store.settings.set(change);
      emit('settings:changed', settings);
      return Promise.resolve(settings);
    },
    'jobs:list': () => Promise.resolve(jobs.list()),
    'jobs:cancel': (which) => {
      jobs.cancel('id' in which ? which.id : which.job);
      return Promise.resolve(null);
    },
    'files:pick': async ({ kind }) => {
      const path = await pick(kind);
      return path === null ? null : tokens.issue(path);
    },
  };
}

interface RuntimeManifest {
  readonly electronSource?: string;
  readonly tensorflow?: { readonly version: string } | null;
  readonly tensorflowReason?: string | null;
}

const manifest = (): RuntimeManifest | null =>
  !isRelease && process.env.SAMPO_RUNTIME
    ? (JSON.parse(readFileSync(process.env.SAMPO_RUNTIME, 'utf8')) as RuntimeManifest)
    : null;

/** From set-up's manifest, so that the status bar does not start an engine to name it. */
function engineLine(card: GpuCard | undefined): Pick<AppInfo, 'engine' | 'engineReason'> {
  const known = manifest();
  const library =
    known === null || known.tensorflow ? `TensorFlow ${known?.tensorflow?.version ?? ''}`.trim() : 'tfjs (wasm)';
  return {
    engine: `${library} · ${card ? card.name : `CPU · ${availableParallelism()} cores`}`,
    engineReason: known?.tensorflow === null ? (known.tensorflowReason ?? null) : null,
  };
}

const runtimeSource = (): string =>
  manifest()?.electronSource === 'cypress' ? 'from the Cypress package, the development runtime' : 'the official one';

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
