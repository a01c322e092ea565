import { describe, expect, it } from 'vitest';
import type { Call, Program, Session } from '../../../../../../src-main/engine/graph/types';
import { familyOf } from '../../../../../../src-main/engine/families/registry';
import { scoreWithModel } from '../../../../../../src-main/engine/train/reference/reference-model';
import type { ModelSource } from '../../../../../../src-main/engine/source/types';
import { tinyLlama } from '../../../../support/tiny-config';
import { pairOf } from '../paper-run';

const config = tinyLlama();
const specs = familyOf(config).weights(config);
const buckets = [{ rows: 2, tokens: 8, completions: 8 }];

function model() {
  const told: string[] = [];
  const source = {
    path: '/reference',
    config,
    tensors: new Map(specs.map(({ name }) => [name, { read: () => Promise.resolve(Float32Array.of(1)) }])),
    close: () => Promise.resolve(void told.push('close')),
  } as unknown as ModelSource;
  const session = {
    setVariable: () => undefined,
    runLanes: (lanes: readonly (readonly Call[])[]) =>
      Promise.resolve(
        lanes.map((lane) =>
          lane.map(({ entry, feeds }) => {
            told.push(entry);
            return { logprobs: Float32Array.from(feeds['targets'] as Int32Array, (id) => -id) };
          }),
        ),
      ),
    dispose: () => told.push('dispose'),
  } as unknown as Session;
  const compile = (program: Program): Promise<Session> => {
    told.push(program.entries.map(({ name }) => name).join());
    return Promise.resolve(session);
  };
  return { told, source, compile };
}

describe('another model as reference', () => {
  it('scores all pairs, and is out of memory then', async () => {
    const { told, source, compile } = model();
    const progress: number[] = [];
    const pause = (): Promise<void> => Promise.resolve();
    const pairs = [pairOf(4), pairOf(5), pairOf(6)];
    const table = await scoreWithModel(compile, source, buckets, pairs, (done) => progress.push(done), pause);
    expect(table.get(6)).toEqual({ chosen: Float32Array.of(-6, -7), rejected: Float32Array.of(-7) });
    expect(told).toEqual(['logprobs:0', 'logprobs:0', 'logprobs:0', 'dispose', 'close']);
    expect(progress).toEqual([2, 3]);
  });
  it('goes out of memory too when somebody stops', async () => {
    const { told, source, compile } = model();
    const stop = (): Promise<void> => Promise.reject(new Error('stopped'));
    await expect(scoreWithModel(compile, source, buckets, [pairOf(4)], () => undefined, stop)).rejects.toThrow(
      'stopped',
    );
    expect(told).toEqual(['logprobs:0', 'dispose', 'close']);
  });
});
