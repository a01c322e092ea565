import { own } from '../readers/whole-file';

type Columns = Readonly<Record<string, unknown>>;
const has = (value: Columns, names: readonly string[]): boolean =>
  names.every((name) => own(value, name) !== undefined && own(value, name) !== null);

/** Columns that say which of two answers is better. */
export const verdictColumns = [
  'winner',
  'preference',
  'better_response_id',
  'safer_response_id',
  'label',
  'labels',
  'better',
  'chosen_index',
  'preferred',
];
const twoAnswers = [
  ['response_0', 'response_1'],
  ['response_a', 'response_b'],
  ['answer_a', 'answer_b'],
  ['answer_0', 'answer_1'],
  ['human_ref_A', 'human_ref_B'],
  ['conversation_a', 'conversation_b'],
  ['output_1', 'output_2'],
  ['response_1', 'response_2'],
];
const manyAnswers = ['completions', 'responses', 'answers', 'outputs', 'candidates', 'generations'];

/** What rows are that are no chosen and rejected answers, in words; null: unknown. */
export function shapeName(value: Columns): string | null {
  const two = twoAnswers.find((names) => has(value, names));
  if (two && verdictColumns.some((name) => has(value, [name])))
    return `compared answers (${two.join(', ')} and a column that says which is better)`;
  const many = manyAnswers.find((name) => Array.isArray(own(value, name)));
  if (many) return `ranked answers (a list "${many}")`;
  if (has(value, ['completion', 'label'])) return 'rated answers (prompt, completion, label)';
  if (has(value, ['messages']) && !has(value, ['chosen']))
    return 'conversations without a rejected answer (supervised data)';
  if ((has(value, ['completion']) || has(value, ['output']) || has(value, ['response'])) && !has(value, ['rejected']))
    return 'one answer a row without a rejected one (supervised data)';
  return null;
}
