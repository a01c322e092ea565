import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainBpe } from './bpe';
import { answeredQuestions, Habits, plainTexts, preferencePairs } from './corpus';
import { answerRows, starterChat, textRows, trainModel, writeModel } from './model';
import { sampleSpecs } from './sample';

/**
 * Makes resources/starter: corpora, tokenizer, model, preference pairs, the sample comparison's specs. All from seeds;
 * the same machine gives the same files.
 * node scripts/starter/run.mjs make [out=DIR] [textSteps=600] [answerSteps=1400] [seed=1]
 */
async function main(): Promise<void> {
  const settings = new Map(process.argv.slice(2).map((arg) => arg.split('=') as [string, string]));
  const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise);
  const out = settings.get('out') ?? join(process.env['SAMPO_ROOT'] ?? process.cwd(), 'resources', 'starter');
  const started = Date.now();
  const log = (line: string): void => console.log(line);

  const habits = new Habits();
  const texts = plainTexts(habits);
  const answers = answeredQuestions(habits);
  const bpe = trainBpe([...texts, ...answers.flatMap((a) => [a.question, a.answer])], 640);
  log(`${bpe.vocabulary.length} tokens in the vocabulary`);
  const chat = starterChat(bpe);
  const phases = [
    { name: 'text', rows: textRows(chat, texts), steps: number('textSteps', 600) },
    { name: 'answers', rows: answerRows(chat, answers), steps: number('answerSteps', 1400) },
  ];
  const model = await trainModel(bpe.vocabulary.length, phases, number('seed', 1), log);

  await mkdir(out, { recursive: true });
  const sha256 = await writeModel(join(out, 'model'), bpe, model);
  const pairs = preferencePairs(habits).map(({ prompt, chosen, rejected }) =>
    JSON.stringify({ prompt: [{ role: 'user', content: prompt }], chosen, rejected }),
  );
  await writeFile(join(out, 'pairs.jsonl'), `${pairs.join('\n')}\n`);
  await writeFile(join(out, 'sample.json'), `${JSON.stringify(sampleSpecs(), null, 1)}\n`);
  log(
    `${out}: model.safetensors sha256 ${sha256}, loss ${JSON.stringify(model.losses)}, ` +
      `${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
