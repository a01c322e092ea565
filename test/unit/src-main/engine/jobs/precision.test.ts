import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SignalBox } from '../../../../../src-main/engine/signals';
import { preflight } from '../../../../../src-main/engine/jobs/preflight';
import { train } from '../../../../../src-main/engine/jobs/train';
import * as device from '../../../../../src-main/engine/backends/tensorflow/device';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { openSafetensors, writeSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';

// Frozen weights as halves: a checkpoint that holds halves loses nothing; one of float32 moves by their rounding.

const home = mkdtempSync(join(tmpdir(), 'sampo-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const golden = join(import.meta.dirname, '../../../../golden/trl/model');
const data = join(home, 'pairs.jsonl');

async function copyAs(type: 'BF16' | 'F16'): Promise<string> {
  const folder = join(home, type);
  mkdirSync(folder);
  cpSync(golden, folder, { recursive: true });
  const tensors = await openSafetensors(join(golden, 'model.safetensors'));
  const list = await Promise.all(
    [...tensors].map(async ([name, tensor]) => ({ name, shape: tensor.shape, values: await tensor.read() })),
  );
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    type,
    list.map(({ name, shape, values }) => ({ name, shape, read: () => values })),
  );
  return folder;
}

type Precision = 'float32' | 'bfloat16' | 'float16';

const adapters = { lora: { kind: 'lora', rank: 4, alpha: 8 }, full: { kind: 'none' } } as const;

function specOf(
  model: string,
  precision: Precision,
  method: RunSpecInput['method'],
  adapter: keyof typeof adapters,
): RunSpec {
  return runSpecSchema.parse({
    model: { path: model },
    dataset: { path: data, evalFraction: 0 },
    method,
    adapter: adapters[adapter],
    training: {
      maxSteps: 4,
      pairsPerStep: 4,
      learningRate: 1e-2,
      schedule: 'constant',
      warmupRatio: 0,
      maxLength: 64,
      precision,
    },
    probes: { everySteps: 4, maxNewTokens: 4, prompts: ['Q: Say hello.\nA:'] },
  });
}

async function eventsOf(
  model: string,
  precision: Precision,
  engine: 'tensorflow' | 'wasm',
  method: RunSpecInput['method'],
  adapter: keyof typeof adapters = 'lora',
): Promise<readonly EngineEvent[]> {
  const spec = specOf(model, precision, method, adapter);
  const events: EngineEvent[] = [];
  await train(
    { spec, runDir: mkdtempSync(join(home, 'run-')), cacheDir: join(home, 'cache'), resume: false },
    { engine, signals: new SignalBox(), freeBytes: () => 64e9, emit: (event) => void events.push(event) },
  );
  return events;
}

async function losses(
  model: string,
  precision: Precision,
  engine: 'tensorflow' | 'wasm' = 'tensorflow',
  method: RunSpecInput['method'] = { id: 'sampo' },
): Promise<readonly number[]> {
  return stepNumbers(await eventsOf(model, precision, engine, method));
}

/** Loss and gradient norm of every step. */
function stepNumbers(events: readonly EngineEvent[]): readonly number[] {
  return events.flatMap((e) =>
    e.kind === 'metrics' && 'grad_norm' in e.values ? [e.values['loss']!, e.values['grad_norm']!] : [],
  );
}

afterEach(() => void vi.unstubAllEnvs());

beforeAll(() =>
  writeFileSync(
    data,
    ['bird', 'fish', 'tree', 'stone']
      .map((word, i) =>
        JSON.stringify({ prompt: `Q: ${word}?\nA:`, chosen: ` ${word.repeat(i + 1)}.`, rejected: ' no, not at all.' }),
      )
      .join('\n'),
  ),
);

describe('frozen weights as halves', () => {
  it.each([
    ['bfloat16', 'BF16'],
    ['float16', 'F16'],
  ] as const)('%s: a %s checkpoint trains as in float32', async (precision, type) => {
    vi.stubEnv('SAMPO_HALVES', 'none'); // widened, whatever this processor could do
    const model = await copyAs(type);
    const [wide, narrow] = [await losses(model, 'float32'), await losses(model, precision)];
    wide.forEach((value, i) =>
      expect(Math.abs(narrow[i]! - value)).toBeLessThanOrEqual(2e-5 * Math.max(1e-2, Math.abs(value))),
    );
  });

  it('a float32 checkpoint moves, but little; policy = reference is exact all the same', async () => {
    const [wide, narrow] = [await losses(golden, 'float32'), await losses(golden, 'bfloat16')];
    expect(narrow[0]).toBe(Math.fround(Math.LN2));
    expect(narrow[3]).not.toBe(wide[3]);
    expect(Math.abs(narrow[3]! - wide[3]!) / wide[3]!).toBeLessThan(0.05);
  });

  it('are multiplied as such where the processor can, which the run then says', async () => {
    const devices = async (precision: Precision): Promise<string> =>
      (await eventsOf(golden, precision, 'tensorflow', { id: 'sampo' }))
        .flatMap((e) => (e.kind === 'engine' ? e.engine.devices : []))
        .join();
    const native = vi.spyOn(device, 'nativeHalves').mockReturnValue(new Set(['bf16']));
    expect(await devices('bfloat16')).toContain('products in bfloat16');
    expect(await devices('float16')).toContain('frozen weights in float16, products in float32');
    expect(await devices('float32')).toMatch(/^CPU · \d+ cores,products in float32/);
    native.mockReturnValue(new Set());
    expect(await devices('bfloat16')).toContain('frozen weights in bfloat16, products in float32');
    native.mockRestore();
  });

  it('TDPO compares two models of halves', async () =>
    expect((await losses(golden, 'bfloat16', 'tensorflow', { id: 'tdpo' }))[0]).toBeCloseTo(Math.LN2, 6));

  it('the engine without TensorFlow says that it cannot', async () =>
    await expect(losses(golden, 'bfloat16', 'wasm')).rejects.toMatchObject({
      error: { code: 'unsupported', details: { path: 'training.precision' } },
    }));
});

describe('full fine-tuning with products in halves', () => {
  const devices = (events: readonly EngineEvent[]): string =>
    events.flatMap((e) => (e.kind === 'engine' ? e.engine.devices : [])).join();

  it('keeps float32 weights and learns what float32 learns; policy = reference is exact', async () => {
    const native = vi.spyOn(device, 'nativeHalves').mockReturnValue(new Set(['bf16']));
    const [wide, narrow] = [
      await eventsOf(golden, 'float32', 'tensorflow', { id: 'sampo' }, 'full'),
      await eventsOf(golden, 'bfloat16', 'tensorflow', { id: 'sampo' }, 'full'),
    ];
    native.mockRestore();
    expect([devices(wide), devices(narrow)].map((text) => text.includes('products in bfloat16'))).toEqual([
      false,
      true,
    ]);
    const [expected, found] = [stepNumbers(wide), stepNumbers(narrow)];
    expect(found[0]).toBe(Math.fround(Math.LN2));
    expect(found[1]).not.toBe(expected[1]);
    expect(Math.abs(found[1]! - expected[1]!) / expected[1]!).toBeLessThan(0.02); // gradient norm of the first step
  });

  it.each([
    ['tensorflow', /does not multiply bfloat16 as such/],
    ['wasm', /computes in float32 only/],
  ] as const)('is refused before the run and by it where nothing would change (%s)', async (engine, message) => {
    const native = vi.spyOn(device, 'nativeHalves').mockReturnValue(new Set());
    const refusal = {
      error: {
        code: 'unsupported',
        message: expect.stringMatching(message) as string,
        details: { path: 'training.precision' },
      },
    };
    const context = { engine, signals: new SignalBox(), freeBytes: () => 64e9, emit: () => undefined };
    await expect(preflight({ spec: specOf(golden, 'bfloat16', { id: 'dpo' }, 'full') }, context)).rejects.toMatchObject(
      refusal,
    );
    await expect(eventsOf(golden, 'bfloat16', engine, { id: 'dpo' }, 'full')).rejects.toMatchObject(refusal);
    expect((await preflight({ spec: specOf(golden, 'float32', { id: 'dpo' }, 'full') }, context)).steps).toBe(4);
    native.mockRestore();
  });
});
