import { release } from 'node:os';
import type { DoctorReport } from '../shared/views';
import type { Services } from './services';

/** What the app runs on, how fast it is, and what would make it faster. */
export async function doctorReport({ runJob }: Services): Promise<DoctorReport> {
  const { engine, sgemmGflops } = await runJob('doctor', {});
  const electron = process.versions.electron;
  const runtime = `${electron ? `Electron ${electron}, ` : ''}Node ${process.versions.node}, ${process.platform} ${release()}`;
  const advice: string[] = [];
  if (engine.backend !== 'tensorflow') advice.push('TensorFlow is not in use, so training is many times slower: run npm run setup with a network that reaches PyPI.');
  if (electron?.startsWith('33.')) advice.push('This is the development runtime (Electron 33 from the Cypress package), because the official Electron could not be downloaded; training speed is the same.');
  if (!engine.devices.some((device) => /GPU/i.test(device))) advice.push('No GPU is in use. On Linux and Windows an NVIDIA GPU with CUDA makes training of models above 100 million parameters many times faster.');
  if (process.env.SAMPO_CUDA_REASON) advice.push(process.env.SAMPO_CUDA_REASON);
  return { runtime, engine: { backend: engine.backend, reason: engine.reason }, library: engine.library, devices: engine.devices, sgemmGflops, advice };
}
