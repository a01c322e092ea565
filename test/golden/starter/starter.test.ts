import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specialTokens, tokenizerConfigJson, tokenizerJson, trainBpe } from '../../../scripts/starter/bpe';
import {
  answeredQuestions,
  examQuestions,
  Habits,
  heldPairs,
  plainTexts,
  preferencePairs,
} from '../../../scripts/starter/corpus';
import { sampleSpecs } from '../../../scripts/starter/sample';
import { sampleMeasured } from '../../../src-renderer/features/start/sample-measured';
import { heldNames, withoutEmptyWords } from '../../../scripts/starter/world';
import { openModel } from '../../../src-main/engine/source/open-model';
import { checkRunSpec } from '../../../src-main/shared/spec/run-spec-check';

// What is shipped in resources/starter is what scripts/starter makes, and its rows are those of the Python sketch it
// was ported from.

const folder = join(import.meta.dirname, '../../../resources/starter');
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
const habits = new Habits();
const rows = (pairs: ReturnType<typeof heldPairs>) => pairs.map((p) => [p.prompt, p.chosen, p.rejected]);

describe('starter rows', () => {
  it('are those of the Python sketch, to the letter', () => {
    // sha256 of json.dumps(rows, separators=(',', ':'), ensure_ascii=False) from world.py, sft.py and tune.py
    expect(hash(plainTexts(habits))).toBe('c9d69bffbd47270c');
    expect(hash(answeredQuestions(habits).map((r) => [r.question, r.answer]))).toBe('376d06650de64315');
    expect(hash(rows(preferencePairs(habits)))).toBe('f5b0640d34028a0f');
    expect(hash(rows(heldPairs(habits)))).toBe('4876312b98f0ce63');
    expect(hash(examQuestions().map((e) => e.rightAnswer))).toBe('0de1963d1c159926');
  });

  it('keep held-out names out of the pairs, and no pair has two equal answers', () => {
    for (const { prompt, chosen, rejected } of preferencePairs(habits)) {
      expect(heldNames.some((name) => prompt.includes(` ${name}`))).toBe(false);
      expect(withoutEmptyWords(chosen)).not.toBe(withoutEmptyWords(rejected));
    }
  });
});

describe('resources/starter', () => {
  it('holds what the scripts make', () => {
    const pairs = preferencePairs(habits).map(({ prompt, chosen, rejected }) =>
      JSON.stringify({ prompt: [{ role: 'user', content: prompt }], chosen, rejected }),
    );
    expect(text('pairs.jsonl')).toBe(`${pairs.join('\n')}\n`);
    expect(JSON.parse(text('sample.json'))).toEqual(sampleSpecs());
    const bpe = trainBpe(
      [...plainTexts(habits), ...answeredQuestions(habits).flatMap((a) => [a.question, a.answer])],
      640,
    );
    expect(JSON.parse(text('model/tokenizer.json'))).toEqual(JSON.parse(JSON.stringify(tokenizerJson(bpe))));
    expect(JSON.parse(text('model/tokenizer_config.json'))).toEqual(tokenizerConfigJson);
  });

  it('names its model’s hash in the README', () => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, 'model', 'model.safetensors')))
      .digest('hex');
    expect(text('README.md')).toContain(sha256);
    expect(statSync(join(folder, 'model', 'model.safetensors')).size).toBeLessThan(2 << 20);
  });

  it('has specs that pass as they are', () => {
    for (const part of Object.values(sampleSpecs()))
      expect(checkRunSpec({ ...part, model: { path: 'm' }, dataset: { ...part.dataset, path: 'd' } }).ok).toBe(true);
  });

  it('has a model that opens, with a tokenizer that gives back what it reads', async () => {
    const source = await openModel(join(folder, 'model'));
    const chat = await source.tokenizer();
    expect(chat.vocabulary).toBe(source.config.vocabulary);
    const asked = chat.render([{ role: 'user', content: 'Tell me the color of a cat.' }], true);
    const ids = chat.encode(asked, false);
    expect(ids.slice(0, 2)).toEqual([specialTokens.indexOf('<|bos|>'), specialTokens.indexOf('<|user|>')]);
    expect(chat.decode(ids, false)).toBe(asked);
    expect(chat.decode(chat.encode('Größe: 3 ☃', false), true)).toBe('Größe: 3 ☃');
    await source.close();
  });
});

describe('the start page’s picture', () => {
  it('draws what the sample measured', () => {
    for (const { method, before, after, change, chosenShorter } of sampleMeasured) {
      expect(text('README.md')).toContain(
        `| ${method} | ${before} | ${after} | ${change[0]} to ${change[1]} | ${chosenShorter} |`,
      );
    }
  });
});
