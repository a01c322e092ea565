import { throwFailure } from '../../shared/result';
import { vocabularyOf } from './special-tokens';
import type { AddedToken, Json, TokenizerFiles } from './types';

/**
 * Every id of the tokenizer must be a row of the model's embedding. Holes are fine (ids that no text has). Gives the
 * number of ids, holes too. A step that adds special tokens must add ids that the vocabulary has.
 */
export function checkVocabulary(files: TokenizerFiles, added: readonly AddedToken[]): number {
  const { where, embeddings, tokenizer } = files;
  const refuse = (message: string, details: Json): never =>
    throwFailure(
      'bad-model',
      message,
      'The tokenizer and the weights are of different models, or the embedding was not resized. Copy both from ' +
        'one model.',
      { file: where, ...details },
    );
  const own = vocabularyOf(tokenizer);
  let highest = -1;
  const check = (field: string, token: string, id: unknown): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      refuse(
        `tokenizer.json of ${where}: ${field} gives ${JSON.stringify(token)} the id ${JSON.stringify(id)}; an id ` +
          'is a whole number from 0.',
        { field, token, id },
      );
    else if (id >= embeddings)
      refuse(
        `tokenizer.json of ${where}: ${field} gives ${JSON.stringify(token)} the id ${id}, but the model's ` +
          `embedding ends at ${embeddings - 1}.`,
        { field, token, id, embeddings },
      );
    else highest = Math.max(highest, id);
  };
  for (const [token, id] of own) check('model.vocab', token, id);
  for (const { content, id, single_word: singleWord } of added) {
    check('added_tokens', content, id);
    if (singleWord)
      refuse(
        `tokenizer.json of ${where}: added_tokens: ${JSON.stringify(content)} has single_word, which cannot be ` +
          'honoured.',
        { field: 'added_tokens', token: content },
      );
  }
  const texts = new Map<number, string>();
  for (const [token, id] of [...own, ...added.map(({ content, id }) => [content, id] as const)]) {
    const other = texts.get(id);
    if (other !== undefined && other !== token)
      refuse(
        `tokenizer.json of ${where}: the id ${id} stands for both ${JSON.stringify(other)} and ` +
          `${JSON.stringify(token)}.`,
        { field: 'model.vocab', id },
      );
    texts.set(id, token);
  }
  checkSpecial(
    tokenizer.post_processor,
    (token) => own.get(token) ?? added.find(({ content }) => content === token)?.id,
    refuse,
    where,
  );
  return highest + 1;
}

interface PostProcessor extends Json {
  readonly type?: string;
  readonly processors?: readonly PostProcessor[];
  readonly special_tokens?: Readonly<Record<string, { readonly ids?: readonly number[] }>>;
  readonly cls?: readonly [string, number];
  readonly sep?: readonly [string, number];
}

function checkSpecial(
  step: unknown,
  idOf: (token: string) => number | undefined,
  refuse: (message: string, details: Json) => never,
  where: string,
): void {
  const { processors, special_tokens: special = {}, cls, sep } = (step ?? {}) as PostProcessor;
  const same = (token: string, ids: readonly unknown[]): void => {
    if (ids.length !== 1 || ids[0] !== idOf(token))
      refuse(
        `tokenizer.json of ${where}: post_processor adds ${JSON.stringify(token)} as ${JSON.stringify(ids)}; its ` +
          `vocabulary says ${JSON.stringify(idOf(token) ?? null)}.`,
        { field: 'post_processor', token },
      );
  };
  for (const [token, { ids = [] }] of Object.entries(special)) same(token, ids);
  for (const one of [cls, sep]) if (one) same(one[0], [one[1]]);
  for (const one of processors ?? []) checkSpecial(one, idOf, refuse, where);
}
