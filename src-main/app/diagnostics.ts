import { statSync } from 'node:fs';
import { arch, cpus, freemem, release, totalmem } from 'node:os';
import type { Settings } from '../shared/views/app';
import { listBackups } from '../store/backups';
import type { RunRecord } from '../store/runs';
import { doctorReport } from './doctor';
import { describeError } from './errors';
import { folderBytes } from './folder-size';
import { LogFile } from './log-file';
import { lostRuns } from './runs/lost-runs';
import { redact } from './redact';
import type { Services } from './services';

const logLines = 400;
const newestRuns = 50;

/**
 * Plain text for a report: what runs here, how it is set, what happened lately. No prompts, answers, rows or names of
 * runs, data and models.
 */
export async function diagnostics(services: Services, appVersion: string): Promise<string> {
  const { folders, store } = services;
  const runs = store.runs.list();
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Versions', versions(appVersion)],
    [
      'Machine',
      [
        `${process.platform} ${release()} ${arch()}`,
        `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
        `memory ${gigabytes(totalmem())}, ${gigabytes(freemem())} free`,
      ],
    ],
    ['Engine', await engineLines(services)],
    ['Settings', settingsLines(store.settings.get())],
    [
      'State',
      [
        `home ${folders.home}`,
        `run history ${statSync(folders.database, { throwIfNoEntry: false })?.size ?? 0} bytes, schema ` +
          `${String(store.database.pragma('user_version', { simple: true }))}, ` +
          `${listBackups(folders.database).length} backups`,
        ...(['runs', 'caches', 'exports'] as const).map((name) => `${name} ${folderBytes(folders[name])} bytes`),
        `${store.models.list().length} models, ${store.datasets.list().length} datasets, ${runs.length} runs, ` +
          `${lostRuns(services).length} run folders that the history does not know`,
      ],
    ],
    [`Runs, the newest ${newestRuns}`, runs.slice(0, newestRuns).map(runLine)],
    [`Log, the last ${logLines} lines`, new LogFile(folders.logs).tail(logLines)],
  ];
  const head = [
    'SamPO Studio diagnostics',
    new Date().toISOString(),
    'It holds no prompts, no answers, no rows of data and no names of runs, models or datasets. Nothing was sent.',
  ];
  return (
    redact(
      [
        ...head,
        ...sections.flatMap(([title, lines]) => [
          '',
          title,
          '-'.repeat(title.length),
          ...(lines.length === 0 ? ['none'] : lines),
        ]),
      ].join('\n'),
    ) + '\n'
  );
}

function versions(appVersion: string): readonly string[] {
  const { electron, chrome, node, v8 } = process.versions;
  return [
    `SamPO Studio ${appVersion}`,
    `Node ${node}, V8 ${v8}`,
    ...(electron ? [`Electron ${electron}, Chromium ${chrome ?? ''}`] : []),
  ];
}

async function engineLines(services: Services): Promise<readonly string[]> {
  try {
    const { engine, library, devices, cards, sgemmGflops, advice } = await doctorReport(services);
    return [
      `${library} (${engine.backend})${engine.reason === null ? '' : `, because ${engine.reason}`}`,
      `devices ${devices.join(', ')}`,
      ...cards.map((card) => `card ${card.index} ${card.name}, driver ${card.driver}`),
      ...Object.entries(sgemmGflops).map(([side, rate]) => `${side} × ${side}: ${Math.round(rate)} GFLOP/s`),
      ...advice,
    ];
  } catch (thrown) {
    const { code, message } = describeError(thrown);
    return [`it could not be asked: ${code}: ${message}`];
  }
}

const settingsLines = (settings: Settings): readonly string[] =>
  Object.entries(settings).map(([name, value]) => `${name} ${String(value)}`);

function runLine({ id, status, methodId, spec, progress, engine, error, problems }: RunRecord): string {
  return [
    id,
    methodId,
    spec.adapter.kind,
    status,
    `step ${progress.step} of ${progress.totalSteps}`,
    engine ?? 'no engine yet',
    ...(error ? [`error ${error.code}`] : []),
    ...(problems.length > 0 ? [`${problems.length} notes`] : []),
  ].join(', ');
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
