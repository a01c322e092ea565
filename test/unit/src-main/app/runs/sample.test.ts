import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleSpecs } from '../../../../../src-main/app/runs/sample';
import { temporaryFolder } from '../../../support/runs';

const starter = path.join(import.meta.dirname, '../../../../../resources/starter');
const withSample = (content: unknown): string => {
  const folder = path.join(temporaryFolder(), 'starter');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'sample.json'), JSON.stringify(content));
  return folder;
};

describe('the sample', () => {
  it('is DPO and SamPO on the starter content, alike in all but the method', () => {
    const [dpo, sampo, ...more] = sampleSpecs(starter);
    expect(more).toEqual([]);
    expect([dpo!.name, sampo!.name, dpo!.method.id, sampo!.method.id]).toEqual(['DPO', 'SamPO', 'dpo', 'sampo']);
    expect(dpo).toMatchObject({
      model: { path: path.join(starter, 'model') },
      dataset: { path: path.join(starter, 'pairs.jsonl'), evalFraction: 0.1 },
    });
    expect({ ...sampo, name: '', method: null }).toEqual({ ...dpo, name: '', method: null });
  });

  it('that is missing is said, with where it should be', () => {
    const folder = path.join(temporaryFolder(), 'none');
    expect(() => sampleSpecs(folder)).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({
          code: 'missing-on-machine',
          message: `The starter content is missing (${folder}).`,
        }) as unknown,
      }) as Error,
    );
  });

  it('with a spec that is none is refused by its field', () => {
    const part = { version: 1, method: { id: 'dpo' } };
    const folder = withSample({ dpo: part, sampo: { ...part, training: { maxLength: -1 } } });
    expect(() => sampleSpecs(folder)).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({
          code: 'bad-spec',
          message: expect.stringMatching(/^sample\.json: .*maxLength/) as string,
        }) as unknown,
      }) as Error,
    );
  });
});
