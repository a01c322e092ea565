import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeModel } from '../../../../../src-main/engine/jobs/inspect-model';
import { openModel } from '../../../../../src-main/engine/source/open-model';
import { writeTinyModel } from './tiny-folder';

it('names the type that most weights have first, though norms of another come before it in file and alphabet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sampo-inspect-'));
  await writeTinyModel(folder);
  const source = await openModel(folder);
  try {
    expect((await describeModel(source)).weightTypes).toEqual(['F32']);
    const norms = [...source.tensors].filter(([, { shape }]) => shape.length === 1);
    const matrices = [...source.tensors]
      .filter(([, { shape }]) => shape.length === 2)
      .map(([name, tensor]) => [name, { ...tensor, type: 'Q4_1' as const }] as const);
    expect((await describeModel({ ...source, tensors: new Map([...norms, ...matrices]) })).weightTypes).toEqual([
      'Q4_1',
      'F32',
    ]);
  } finally {
    await source.close();
  }
});
