import type { ProgramBuilder } from '../graph/program';
import type { GraphBuilder } from '../graph/types';
import type { Bucket } from '../batch/types';
import { weightReader, type PackVariable, type ReadWeight } from '../model/forward';
import type { HeadValues } from '../model/log-prob';
import { completionValues, type LogProbRequest } from '../model/train-forward';
import type { TrainProgramPlan } from './types';

// B rows, T tokens, N completion slots

/** What the forward pass of an entry depends on. */
export interface ForwardPlan extends Pick<TrainProgramPlan, 'config' | 'lora' | 'recomputedLayers' | 'products'> {
  readonly head: LogProbRequest['head'];
}

const withoutGradient = { gradient: 'none', statistics: false, collision: false } as const;

/** Feeds and forward pass of an entry that scores completion tokens (types.ts lists the feeds). */
export function scoredSlots(
  g: GraphBuilder,
  factory: ProgramBuilder,
  name: string,
  forward: ForwardPlan,
  { rows, tokens, completions }: Bucket,
  read: { readonly policy: ReadWeight; readonly reference: ReadWeight | null },
): HeadValues {
  return completionValues(factory, g, name, read.policy, {
    ...forward,
    tokens: {
      ids: g.input('ids', 'i32', [rows, tokens]),
      positions: g.input('positions', 'i32', [rows, tokens]),
      segments: g.input('segments', 'i32', [rows, tokens]),
    },
    completionIndex: g.input('completionIndex', 'i32', [completions]),
    targets: g.input('targets', 'i32', [completions]),
    readReference: read.reference,
  });
}

/** `logprobs:<b>` or `reference:<b>`: log-probs alone, without gradient. */
export function addLogProbEntry(
  program: ProgramBuilder,
  entry: 'logprobs' | 'reference',
  forward: Omit<ForwardPlan, 'head'>,
  bucket: Bucket,
  index: number,
  variables: readonly PackVariable[],
): void {
  const name = `${entry}:${index}`;
  program.entry(name, (g) => {
    const { logprobs } = scoredSlots(g, program, name, { ...forward, head: withoutGradient }, bucket, {
      policy: weightReader(g, variables),
      reference: null,
    });
    return { outputs: { logprobs }, updates: [] };
  });
}
