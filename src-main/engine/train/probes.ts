import { largest } from '../../shared/extremes';
import { throwFailure } from '../../shared/result';
import type { PromptInput } from '../../shared/dataset';
import { promptText } from '../../shared/pair-text';
import type { ProbeSample } from '../../shared/metrics';
import { generate } from '../generate/generate';
import type { Session } from '../graph/types';
import type { ModelConfig } from '../models/types';
import type { ChatFormat } from '../tokenizer/types';
import type { GenerationShape } from './types';

/** A fixed prompt that is answered at intervals. */
export interface Probe {
  readonly text: string;
  readonly ids: readonly number[];
}

const defaultProbes = 6;
const mostRows = 8;

/** The ids a model answers to: the rendered conversation with the generation prompt, or plain text with the tokenizer's own special tokens. */
export function promptIds(chat: ChatFormat, prompt: PromptInput): readonly number[] {
  const ids = prompt.kind === 'text' ? chat.encode(prompt.text, true) : chat.encode(chat.render(prompt.messages, true), false);
  return ids.length > 0 ? ids : [chat.bosId ?? chat.eosId];
}

/**
 * The spec's prompts, or the first six of the dataset (held-out pairs before trained ones, in file order). Own prompts go through the chat template
 * when the model has one and the dataset is made of conversations, so that they look like what was trained.
 */
export function chooseProbes(own: readonly string[], dataset: readonly PromptInput[], chat: ChatFormat): readonly Probe[] {
  const conversational = chat.hasChatTemplate && dataset.some((prompt) => prompt.kind === 'messages');
  const asInput = (text: string): PromptInput => (conversational ? { kind: 'messages', messages: [{ role: 'user', content: text }] } : { kind: 'text', text });
  const prompts = own.length > 0 ? own.map(asInput) : distinct(dataset).slice(0, defaultProbes);
  return prompts.map((prompt) => ({ text: promptText(prompt), ids: promptIds(chat, prompt) }));
}

function distinct(prompts: readonly PromptInput[]): readonly PromptInput[] {
  const seen = new Set<string>();
  return prompts.filter((prompt) => {
    const key = JSON.stringify(prompt);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The static shape for these prompts; `maxNewTokens` is what the window leaves, at most what was asked for. */
export function generationShape(prompts: readonly (readonly number[])[], maxNewTokens: number, { contextLength }: ModelConfig): GenerationShape {
  const longest = largest(prompts, (p) => p.length) ?? 0;
  if (longest >= contextLength) {
    throwFailure('bad-input', `A prompt has ${longest} tokens, but the model’s window holds ${contextLength} with the answer.`, 'Shorten the prompt.', { tokens: longest, contextLength });
  }
  const promptTokens = Math.min(Math.ceil(longest / 16) * 16, contextLength - 1);
  return { rows: Math.min(mostRows, prompts.length), promptTokens, capacity: Math.min(promptTokens + maxNewTokens, contextLength) };
}

/** Greedy answers of all probes under the present weights. */
export async function answerProbes(session: Session, shape: GenerationShape, probes: readonly Probe[], chat: ChatFormat, step: number, maxNewTokens: number, shouldStop: () => boolean): Promise<readonly ProbeSample[]> {
  const answers = await generate(
    session,
    shape,
    { prompts: probes.map((p) => p.ids), maxNewTokens, temperature: 0, seed: 0, stopIds: chat.stopIds, padId: chat.padId },
    shouldStop,
  );
  return answers.map(({ tokenIds, finish }, prompt) => ({ step, prompt, promptText: probes[prompt]!.text, text: chat.decode(tokenIds, true), tokens: tokenIds.length, finish }));
}
