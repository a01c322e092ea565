import { z } from 'zod';
import { runSpecSchema } from '../../../src-main/shared/spec/run-spec';
import { runStatuses } from '../../../src-main/shared/runs/run-status';

// What the commands print with --json, as docs/contract.md has it. Strict where the contract names every field; what
// the app tells beside it is under "ours".

const count = z.number().int().nonnegative();
const ids = z.array(count);
const text = z.string().min(1);
const share = z.number().min(0).max(1);

const error = z.strictObject({
  code: text,
  message: text,
  hint: text,
  details: z.record(z.string(), z.unknown()).optional(),
  retry: z.boolean().optional(),
});
export const failure = z.strictObject({ error });

const run = z.looseObject({
  id: z.string().regex(/^r_/),
  name: z.string(),
  status: z.enum(runStatuses),
  spec: runSpecSchema,
});
export const runList = z.array(run);
const probe = z.strictObject({
  step: count,
  prompt: count,
  text: z.string(),
  tokens: count,
  finish: z.enum(['eos', 'length', 'stop']),
  ...{ promptText: z.string(), trained: z.boolean() }, // ours
});
export const runShown = z.strictObject({
  run,
  metrics: z.record(z.string(), z.array(z.tuple([count, z.number()])).min(1)),
  probes: z.array(probe).min(1),
  checkpoints: z.array(z.looseObject({ step: count })).min(1),
});
export const runDeleted = z.strictObject({ deleted: z.string().regex(/^r_/) });
export const runsRecovered = z.strictObject({ added: z.array(z.unknown()), left: z.array(z.unknown()) });

export const comparison = z.strictObject({
  runs: z.array(run).length(2),
  differences: z.array(z.strictObject({ path: text, values: z.array(z.string()).length(2) })).min(1),
  metrics: z
    .array(z.strictObject({ name: text, last: z.array(z.number().nullable()), best: z.array(z.number().nullable()) }))
    .min(1),
  length: z.strictObject({
    meanTokens: z
      .array(z.strictObject({ runId: text, before: z.number().nullable(), after: z.number().nullable() }))
      .length(2),
    verdict: text,
    ...{ runs: z.array(z.looseObject({ runId: text })) }, // ours
  }),
  ...{ notes: z.array(z.strictObject({ level: z.enum(['warning', 'neutral']), text })) }, // ours
});

const lengths = z.strictObject({ mean: z.number(), median: z.number(), min: count, max: count });
const group = z.strictObject({ code: text, field: z.string(), count, rows: ids, message: text });
export const inspection = (format: string, unit: 'tokens' | 'words') =>
  z.strictObject({
    format: z.literal(format),
    rows: count.min(1),
    usable: count.min(1),
    verdict: text,
    problems: z.array(z.strictObject({ row: count, field: z.string(), code: text, message: text })),
    profile: z.looseObject({
      unit: z.literal(unit),
      pairs: count,
      prompt: lengths,
      chosen: lengths,
      rejected: lengths,
      lengthOnlyAccuracy: share,
    }),
    ...{ problemGroups: z.array(group), warnings: z.array(group), notes: z.array(text) }, // ours
  });

export const pairLogprobs = (longest: number) =>
  z.strictObject({
    pairs: z
      .array(
        z
          .strictObject({
            row: count,
            promptIds: ids.min(1),
            chosenIds: ids.min(1),
            rejectedIds: ids.min(1),
            chosenLogprobs: z.array(z.number().max(0)),
            rejectedLogprobs: z.array(z.number().max(0)),
          })
          .refine(
            (p) => p.chosenIds.length === p.chosenLogprobs.length && p.rejectedIds.length === p.rejectedLogprobs.length,
            'a log-prob for each token',
          )
          .refine(
            (p) => p.promptIds.length + Math.max(p.chosenIds.length, p.rejectedIds.length) <= longest,
            `at most ${longest} tokens`,
          ),
      )
      .min(1),
  });

export const answer = (atMost: number) =>
  z.strictObject({
    text: z.string(),
    tokenIds: ids.min(1).max(atMost),
    promptTokens: count.min(1),
    finish: z.enum(['eos', 'length', 'stop']),
  });

const file = (name: RegExp) =>
  z.strictObject({ name: z.string().regex(name), bytes: count.min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export const exported = z.strictObject({ path: text, files: z.array(file(/^[\w.-]+$/)).min(3) });

const number = z.strictObject({
  min: z.number(),
  max: z.number(),
  step: z.number().optional(),
  whole: z.boolean().optional(),
});
const choice = z.strictObject({ options: z.array(text).min(1) });
const parameter = z.strictObject({
  name: text,
  default: z.unknown(),
  range: z.union([number, choice, z.looseObject({})]),
  help: text,
});
export const catalogue = z
  .array(
    z.strictObject({
      id: text,
      name: text,
      paper: text,
      formula: text,
      parameters: z.array(parameter),
      needsReference: z.boolean(),
    }),
  )
  .min(20);

export const specOf = (method: string) =>
  runSpecSchema.refine((spec) => spec.method.id === method, `the method ${method}`);
export const specOk = z.strictObject({ ok: z.literal(true) });
export const jsonSchema = z.looseObject({
  $schema: z.url(),
  type: z.literal('object'),
  properties: z.looseObject({ model: z.unknown(), method: z.unknown() }),
});

export const doctor = (backend: string) =>
  z.strictObject({
    runtime: text,
    engine: z.strictObject({ backend: z.literal(backend), reason: text.nullable() }),
    library: text,
    devices: z.array(text).min(1),
    sgemmGflops: z.object({ 1024: z.number().positive() }).catchall(z.number().positive()),
    advice: z.array(text),
    ...{ cards: z.array(z.unknown()) }, // ours
  });

const backup = z.strictObject({
  file: text,
  reason: z.enum(['before-update', 'daily']),
  takenAt: count,
  bytes: count,
});
export const historyChecked = z.strictObject({ file: text, ok: z.literal(true) });
export const historyBackups = z.array(backup);
export const historyRestored = z.strictObject({ restored: text, setAside: text.nullable() });
export const historyNew = z.strictObject({ setAside: text.nullable() });

export const cuda = z.strictObject({
  name: z.literal('cuda'),
  installed: z.boolean(),
  driver: z.boolean(),
  folder: text,
  downloadBytes: count,
  check: z.unknown(),
});
export const help = z
  .array(
    z.strictObject({
      command: text,
      usage: text,
      help: text,
      flags: z.array(z.strictObject({ name: text, value: text.nullable() })),
    }),
  )
  .min(1);
export type Help = z.infer<typeof help>;
export const version = z.strictObject({ version: z.string().regex(/^\d+\.\d+\.\d+/) });

/** Lines of `train`, in any order but the first and the last. */
const status = z.enum(['finished', 'failed', 'stopped', 'paused']);
const line = z.union([
  z.strictObject({ event: z.literal('run'), runId: z.string().regex(/^r_/) }),
  z.strictObject({
    event: z.literal('status'),
    status: z.literal('preparing'),
    phase: z.enum(['tokenize', 'reference', 'build']),
    done: count,
    total: count,
  }),
  z.strictObject({ event: z.literal('metrics'), step: count, epoch: z.number(), values: z.record(text, z.number()) }),
  z.strictObject({
    event: z.literal('probe'),
    step: count,
    prompt: count,
    text: z.string(),
    tokens: count,
    finish: z.enum(['eos', 'length', 'stop']),
  }),
  z.strictObject({ event: z.literal('checkpoint'), step: count }),
  z.strictObject({ event: z.literal('status'), status, error: error.optional() }),
]);
export const events = (last: z.infer<typeof status>) =>
  z
    .array(line)
    .min(2)
    .refine((all) => all[0]!.event === 'run', 'begins with the run')
    .refine((all) => {
      const end = all.at(-1)!;
      return end.event === 'status' && end.status === last && 'error' in end === (last === 'failed');
    }, `ends as ${last}`);
