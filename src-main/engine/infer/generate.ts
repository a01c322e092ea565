import type { FinishReason } from '../../shared/metrics/reports';
import { Random, randomPurpose } from '../../shared/random';
import { throwFailure } from '../../shared/result';
import type { Session } from '../graph/types';
import { tick } from '../signals';
import type { GenerationShape } from '../program/types';
import { sample } from './sampler';

// R rows answered side by side, P prompt tokens, V vocabulary

export interface GenerationRequest {
  readonly prompts: readonly (readonly number[])[];
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stopIds: readonly number[];
  readonly padId: number;
}

export interface Generated {
  readonly tokenIds: readonly number[]; // the end token included
  readonly finish: FinishReason;
}

/**
 * Answers any number of prompts, R at a time. Each prompt draws from its own random stream, so answers do not depend on
 * who else is answered.
 */
export async function generate(
  session: Session,
  shape: GenerationShape,
  request: GenerationRequest,
  shouldStop: () => boolean = () => false,
): Promise<readonly Generated[]> {
  const answers: Generated[] = [];
  for (let first = 0; first < request.prompts.length; first += shape.rows) {
    for (const answer of await generateRows(session, shape, request, first, shouldStop)) answers.push(answer);
  }
  return answers;
}

async function generateRows(
  session: Session,
  shape: GenerationShape,
  request: GenerationRequest,
  first: number,
  shouldStop: () => boolean,
): Promise<readonly Generated[]> {
  const { rows, promptTokens, capacity } = shape;
  const prompts = request.prompts.slice(first, first + rows);
  const ids = new Int32Array(rows * promptTokens).fill(request.padId);
  const lengths = new Int32Array(rows).fill(1);
  prompts.forEach((prompt, r) => {
    if (prompt.length === 0 || prompt.length > promptTokens) refusePrompt(prompt.length, promptTokens);
    ids.set(prompt, r * promptTokens);
    lengths[r] = prompt.length;
  });

  const stopIds = new Set(request.stopIds);
  const states = prompts.map((prompt, r) => ({
    tokens: [] as number[],
    position: prompt.length,
    finish: null as Generated['finish'] | null,
    random: Random.keyed(randomPurpose.generation, request.seed, first + r),
  }));
  let logits = run(session, 'prefill', { ids, lengths });
  for (;;) {
    const vocabulary = logits.length / rows;
    states.forEach((state, r) => {
      if (state.finish !== null) return;
      const token = sample(logits.subarray(r * vocabulary, (r + 1) * vocabulary), request.temperature, state.random);
      state.tokens.push(token);
      if (stopIds.has(token)) state.finish = 'eos';
      else if (state.tokens.length >= request.maxNewTokens || state.position >= capacity) state.finish = 'length';
    });
    if (states.every((state) => state.finish !== null)) break;
    await tick();
    if (shouldStop()) break;
    const next = new Int32Array(rows).fill(request.padId);
    const positions = new Int32Array(rows);
    states.forEach((state, r) => {
      // a finished row writes over its own last place, which nobody reads any more
      next[r] = state.tokens.at(-1)!;
      positions[r] = Math.min(state.position, capacity - 1);
      if (state.finish === null) state.position++;
    });
    logits = run(session, 'decode', { ids: next, positions });
  }
  return states.map(({ tokens, finish }) => ({ tokenIds: tokens, finish: finish ?? 'stop' }));
}

function run(session: Session, entry: 'prefill' | 'decode', feeds: Readonly<Record<string, Int32Array>>): Float32Array {
  return session.run(entry, feeds)['logits'] as Float32Array;
}

const refusePrompt = (length: number, limit: number): never =>
  length === 0
    ? throwFailure('bad-input', 'The prompt is empty.', 'Write a prompt of at least one word.')
    : throwFailure(
        'bad-input',
        `The prompt has ${length} tokens; at most ${limit} fit beside the answer in the model’s window.`,
        'Shorten the prompt or ask for fewer new tokens.',
      );
