/** Work of the engine beside training: each in a process of its own, a few at once, the others in turn. */
export const shortJobs = [
  'inspect-model',
  'inspect-dataset',
  'dataset-columns',
  'preview-pairs',
  'dataset-rows',
  'preflight',
  'measure',
  'logprobs',
  'generate',
  'export',
  'doctor',
] as const;
export type ShortJobName = (typeof shortJobs)[number];

/** All that an engine process can be started for. */
export const jobNames = ['train', ...shortJobs] as const;
export type JobName = (typeof jobNames)[number];

export interface JobView {
  readonly id: string;
  readonly job: ShortJobName;
  readonly state: 'waiting' | 'working' | 'ended';
  /** How far it is, where it says so: `done` of `total` (0: not known yet) of `what`. */
  readonly done: number;
  readonly total: number;
  readonly what: string;
}
