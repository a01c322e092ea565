import type { DatasetInspection, RowProblemCode, RowWarningCode } from '../../src-main/shared/data/dataset';
import { formatCount } from './format';

export const formatNames: Readonly<Record<DatasetInspection['format'], string>> = {
  pairs: 'Prompt, chosen, rejected',
  messages: 'Message lists',
  sharegpt: 'ShareGPT conversations',
  hh: 'Whole transcripts (HH)',
  alpaca: 'Instruction and input (Alpaca)',
};

export const formatHelp: Readonly<Record<DatasetInspection['format'], string>> = {
  pairs: 'Columns “prompt”, “chosen” and “rejected” hold text.',
  messages: '“chosen” and “rejected” (and “prompt”) are lists of {role, content}.',
  sharegpt: '“conversations” holds the prompt, “chosen” and “rejected” one message each.',
  alpaca: '“instruction” and “input” make the prompt, “chosen” and “rejected” hold text.',
  hh: '“chosen” and “rejected” are whole transcripts; the part they share is the prompt.',
};

export const reasonNames: Readonly<Record<RowProblemCode | RowWarningCode, string>> = {
  'not-json': 'Not valid JSON',
  'not-an-object': 'Not an object',
  'missing-field': 'A field is missing',
  'wrong-type': 'A field has the wrong type',
  'unknown-role': 'A message has an unknown role',
  'unsupported-content': 'A message holds more than text',
  'not-a-number': 'A value is NaN or infinite',
  'empty-response': 'An answer is empty',
  'identical-responses': 'Chosen and rejected are identical',
  'two-systems': 'Two different system texts',
  'prompts-differ': 'Chosen and rejected have different prompts',
  'template-refuses': 'The chat template refuses the messages',
  'same-after-template': 'Chosen and rejected are identical after the chat template',
  'same-after-cut': 'Chosen and rejected are identical after the cut',
  'prompt-too-long': 'The prompt alone is too long',
  'dropped-too-long': 'Left out because it does not fit',
  duplicate: 'The same pair once more',
  swapped: 'The same pair with the answers exchanged',
};

/** Rows that are left out; `problems` lists the first of each reason only. */
export const problemCount = ({ problemGroups }: DatasetInspection): number =>
  problemGroups.reduce((sum, { count }) => sum + count, 0);

/** "12, 40, 77 and 9 more": rows as a person can look them up; `count` may be more than are listed. */
export function rowList(rows: readonly number[], count = rows.length, shown = 12): string {
  const first = rows.slice(0, shown);
  const text = first.map(formatCount).join(', ');
  return count > first.length ? `${text} and ${formatCount(count - first.length)} more` : text;
}
