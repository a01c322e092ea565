import type { Metric } from './metric';

/** What the machine does meanwhile: shown on a page of their own. */
export const machineMetrics = {
  'perf/step_ms': {
    title: 'Step time',
    unit: 'ms',
    better: 'lower',
    from: 'every run',
    heldOut: false,
    meaning: 'Time of one optimizer step.',
  },
  'perf/pairs_per_second': {
    title: 'Speed',
    unit: 'pairs/s',
    better: 'higher',
    from: 'every run',
    heldOut: false,
    meaning: 'Pairs trained on per second.',
  },
  'perf/rss_bytes': {
    title: 'Memory',
    unit: 'bytes',
    better: 'lower',
    from: 'every run',
    heldOut: false,
    meaning: 'Memory of the engine’s process.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
