import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withAbsolutePaths } from '../../../../../src-main/app/runs/spec-paths';
import { runSpecSchema } from '../../../../../src-main/shared/spec/run-spec';

describe('paths of a run spec', () => {
  it('become absolute, every one of them, and nothing else changes', () => {
    const spec = runSpecSchema.parse({
      model: { path: 'm', reference: '../r' },
      dataset: { path: './d.jsonl' },
      adapter: { kind: 'lora', from: 'a/b' },
    });
    const folder = path.resolve('/work/here');
    expect(withAbsolutePaths(spec, folder)).toEqual({
      ...spec,
      model: { path: path.join(folder, 'm'), reference: path.resolve('/work/r') },
      dataset: { ...spec.dataset, path: path.join(folder, 'd.jsonl') },
      adapter: { ...spec.adapter, from: path.join(folder, 'a', 'b') },
    });
  });

  it('that are absolute, or not there, stay', () => {
    const spec = runSpecSchema.parse({
      model: { path: path.resolve('/m') },
      dataset: { path: path.resolve('/d.jsonl') },
      adapter: { kind: 'none' },
    });
    expect(withAbsolutePaths(spec, '/elsewhere')).toEqual(spec);
  });
});
