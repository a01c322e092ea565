import { largest } from '../../../shared/extremes';
import { AppFailure, throwFailure } from '../../../shared/result';
import type { PromptInput } from '../../../shared/data/dataset';
import { promptText } from '../../../shared/data/pair-text';
import type { ProbeSample } from '../../../shared/metrics/reports';
import { encodePrompt } from '../../data/tokenize';
import { generate } from '../../infer/generate';
import type { Session } from '../../graph/types';
import type { ModelConfig } from '../../families/registry';
import type { ChatFormat } from '../../tokenizer/types';
import type { DrawnPrompt } from './probe-draw';
import type { GenerationShape } from '../../program/types';

/** A fixed prompt that is answered at intervals. */
export interface Probe {
  readonly text: string;
  readonly ids: readonly number[];
  /** Training sees this prompt: its answers may be remembered ones. */
  readonly trained: boolean;
}

/** Where prompts come from, and what a choice among them has to know. */
export interface ProbeSource {
  /** Drawn from the dataset, best first. */
  readonly prompts: readonly DrawnPrompt[];
  /** The texts of those, and of own prompts, that are trained on. */
  readonly trainedPrompts: ReadonlySet<string>;
  readonly maxNewTokens: number;
  readonly contextLength: number;
}

const defaultProbes = 6;
const mostRows = 8;

/**
 * The ids a model answers to: the rendered conversation with the generation prompt, or plain text with the tokenizer's
 * own special tokens.
 */
export function promptIds(chat: ChatFormat, prompt: PromptInput): readonly number[] {
  const ids = encodePrompt(chat, prompt);
  return ids.length > 0 ? ids : [chat.bosId ?? chat.eosId];
}

/**
 * The spec's prompts, or six of the dataset, drawn by their own text: runs on one dataset get the same ones whatever
 * their seed, method or split, and can be compared answer by answer. Which pairs are held out depends on the seed, so
 * some probes are trained on in one run and not in another; each says so. Own prompts go through the chat template when
 * the model has one and the dataset is made of conversations, so that they look like what was trained.
 */
export function chooseProbes(own: readonly string[], source: ProbeSource, chat: ChatFormat): readonly Probe[] {
  const conversational = chat.hasChatTemplate && source.prompts.some(({ prompt }) => prompt.kind === 'messages');
  const asInput = (text: string): PromptInput =>
    conversational ? { kind: 'messages', messages: [{ role: 'user', content: text }] } : { kind: 'text', text };
  const chosen = own.length > 0 ? own.map(asInput) : source.prompts.map(({ prompt }) => prompt);
  const probes = chosen.flatMap((prompt, i) => {
    const text = promptText(prompt);
    try {
      return [{ text, ids: promptIds(chat, prompt) }];
    } catch (thrown) {
      if (own.length > 0) throw namingProbe(thrown, i, text);
      if (thrown instanceof AppFailure && thrown.error.code === 'bad-data') return []; // a prompt that nobody chose
      throw thrown;
    }
  });
  const kept = own.length > 0 ? probes : fitting(probes, source).slice(0, defaultProbes);
  return kept.map((probe) => ({ ...probe, trained: source.trainedPrompts.has(probe.text) }));
}

/** What a template or a tokenizer says of one prompt is said of that prompt. */
function namingProbe(thrown: unknown, i: number, text: string): unknown {
  if (!(thrown instanceof AppFailure)) return thrown;
  const { error } = thrown;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const message = `Probe prompt ${i + 1} (${JSON.stringify(shown)}): ${error.message}`;
  return new AppFailure({ ...error, message, details: { ...error.details, probe: i + 1 } });
}

/**
 * A prompt that nobody chose must not stop the run: those that leave room for a whole answer come first, those that
 * leave some after them.
 */
function fitting<T extends { readonly ids: readonly number[] }>(
  probes: readonly T[],
  { maxNewTokens, contextLength }: ProbeSource,
): readonly T[] {
  const room = (limit: number): readonly T[] => probes.filter(({ ids }) => ids.length <= limit);
  const whole = room(contextLength - maxNewTokens);
  if (whole.length >= defaultProbes) return whole;
  const some = room(contextLength - 1).filter((probe) => !whole.includes(probe));
  const found = [...whole, ...some];
  return found.length > 0 ? found : probes; // none fits: the refusal names it
}

/** The static shape for these prompts; `maxNewTokens` is what the window leaves, at most what was asked for. */
export function generationShape(
  prompts: readonly (readonly number[])[],
  maxNewTokens: number,
  { contextLength }: ModelConfig,
): GenerationShape {
  const longest = largest(prompts, (p) => p.length) ?? 0;
  if (longest >= contextLength) {
    throwFailure(
      'bad-input',
      `A prompt has ${longest} tokens, but the model’s window holds ${contextLength} with the answer.`,
      'Shorten the prompt.',
      { tokens: longest, contextLength },
    );
  }
  const promptTokens = Math.min(Math.ceil(longest / 16) * 16, contextLength - 1);
  return {
    rows: Math.min(mostRows, prompts.length),
    promptTokens,
    capacity: Math.min(promptTokens + maxNewTokens, contextLength),
  };
}

export interface AnsweringNow {
  readonly step: number; // that the answers are reported at
  readonly maxNewTokens: number;
  shouldStop(this: void): boolean;
}

/** Greedy answers of all probes under the present weights. */
export async function answerProbes(
  session: Session,
  shape: GenerationShape,
  probes: readonly Probe[],
  chat: ChatFormat,
  { step, maxNewTokens, shouldStop }: AnsweringNow,
): Promise<readonly ProbeSample[]> {
  const answers = await generate(
    session,
    shape,
    {
      prompts: probes.map((p) => p.ids),
      maxNewTokens,
      temperature: 0,
      seed: 0,
      stopIds: chat.stopIds,
      padId: chat.padId,
    },
    shouldStop,
  );
  return answers.map(({ tokenIds, finish }, prompt) => ({
    step,
    prompt,
    promptText: probes[prompt]!.text,
    trained: probes[prompt]!.trained,
    text: chat.decode(tokenIds, true),
    tokens: tokenIds.length,
    finish,
  }));
}
