import { generate } from '../infer/generate';
import type { GenerateInput, GenerateOutcome } from '../protocol';
import { generationShape, promptIds } from '../train/probes/probes';
import { openModel } from '../source/open-model';
import { openInference } from '../infer/session';
import type { JobContext } from './context';

/** One answer. A stop ends it early and gives what there is, with finish "stop". */
export async function generateAnswer(
  { modelPath, adapterPath, prompt, maxNewTokens, temperature, seed }: GenerateInput,
  context: JobContext,
): Promise<GenerateOutcome> {
  const source = await openModel(modelPath);
  try {
    const chat = await source.tokenizer();
    // plain text is what a user says, wherever the model knows users
    const asked =
      prompt.kind === 'text' && chat.hasChatTemplate
        ? ({ kind: 'messages', messages: [{ role: 'user', content: prompt.text }] } as const)
        : prompt;
    const ids = promptIds(chat, asked);
    const shape = generationShape([ids], maxNewTokens, source.config);
    const session = await openInference(source, adapterPath, [], shape, context);
    try {
      const request = { prompts: [ids], maxNewTokens, temperature, seed, stopIds: chat.stopIds, padId: chat.padId };
      const [answer] = await generate(session, shape, request, () => context.signals.wish !== null);
      const { tokenIds, finish } = answer!;
      return { text: chat.decode(tokenIds, true), tokenIds, promptTokens: ids.length, finish };
    } finally {
      session.dispose();
    }
  } finally {
    await source.close();
  }
}
