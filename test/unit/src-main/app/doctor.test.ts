import { describe, expect, it } from 'vitest';
import { doctorReport } from '../../../../src-main/app/doctor';
import type { Services } from '../../../../src-main/app/services';
import type { EngineInfo } from '../../../../src-main/shared/ipc/engine-events';

const info: EngineInfo = {
  backend: 'tensorflow',
  library: 'TensorFlow 2.21.0',
  devices: ['CPU · 2 cores'],
  reason: null,
};
const rates = { '512': 200, '1024': 250, '2048': 300 };

/** The report for an engine that says this of itself; everything else of the app is left out. */
const reportOf = (engine: Partial<EngineInfo>) =>
  doctorReport({
    runJob: () => Promise.resolve({ engine: { ...info, ...engine }, sgemmGflops: rates }),
    engineSettings: () => ({ engine: 'auto', device: 'auto', tf32: true }),
  } as unknown as Services);
const adviceOf = async (engine: Partial<EngineInfo>): Promise<string> => (await reportOf(engine)).advice.join('\n');

describe('doctor', () => {
  it('passes on what the engine is and measured', async () => {
    expect(await reportOf({})).toMatchObject({
      engine: { backend: 'tensorflow', reason: null },
      library: 'TensorFlow 2.21.0',
      devices: ['CPU · 2 cores'],
      sgemmGflops: rates,
    });
  });
  it('says that bfloat16 pays where the processor multiplies it, and no GPU does the work', async () => {
    expect(await adviceOf({ devices: ['CPU · 2 cores', 'bfloat16 (AMX)'] })).toContain('training.precision "bfloat16"');
    expect(await adviceOf({})).not.toContain('bfloat16');
    expect(await adviceOf({ devices: ['GPU · CUDA · float32', 'CPU · 2 cores', 'bfloat16 (AMX)'] })).not.toContain(
      'bfloat16',
    );
  });
  it('says when TensorFlow or a GPU is missing', async () => {
    expect(await adviceOf({ backend: 'wasm', library: 'tfjs', devices: ['CPU · 1 thread'] })).toMatch(
      /TensorFlow is not in use.*npm run setup/,
    );
    expect(await adviceOf({ devices: ['GPU · CUDA · float32', 'CPU · 2 cores'] })).not.toContain('No GPU');
  });
});
