import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Kind = 'llama' | 'gpt_neox' | 'lora';
const byVersion = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/fields/cases.json'), 'utf8'),
) as Readonly<Record<string, Readonly<Partial<Record<Kind, readonly string[]>>>>>;

/** Fields that transformers and peft write into configurations of these kinds, of all versions of the golden. */
export const writtenFields = (...kinds: readonly Kind[]): readonly string[] => [
  ...new Set(Object.values(byVersion).flatMap((version) => kinds.flatMap((kind) => version[kind] ?? []))),
];
