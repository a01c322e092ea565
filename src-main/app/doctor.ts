import { release } from 'node:os';
import type { DeviceChoice, DoctorReport, GpuCard } from '../shared/views/app';
import { gpuCards } from './gpu-cards';
import type { Services } from './services';

/** What the app runs on, how fast it is, and what would make it faster. */
export async function doctorReport({ runJob, engineSettings }: Services): Promise<DoctorReport> {
  const { engine, sgemmGflops } = await runJob('doctor', {});
  const electron = process.versions.electron;
  const runtime = `${electron ? `Electron ${electron}, ` : ''}Node ${process.versions.node}, ${process.platform} ${release()}`;
  const advice: string[] = [];
  if (engine.backend !== 'tensorflow')
    advice.push(
      'TensorFlow is not in use, so training is many times slower: run npm run setup with a network that reaches PyPI.',
    );
  if (electron?.startsWith('33.'))
    advice.push(
      'This is the development runtime (Electron 33 from the Cypress package), because the official Electron ' +
        'could not be downloaded; training speed is the same.',
    );
  const cards = gpuCards();
  const onGpu = engine.devices.some((device) => /GPU/i.test(device));
  if (!onGpu && engine.devices.some((device) => device.includes('bfloat16')))
    advice.push(
      'This processor multiplies bfloat16 by itself: runs with training.precision "bfloat16" train about 1.4 ' +
        'times as fast.',
    );
  if (!onGpu) advice.push(gpuAdvice(cards, engineSettings().device, process.env.SAMPO_CUDA_REASON));
  return {
    runtime,
    engine: { backend: engine.backend, reason: engine.reason },
    library: engine.library,
    devices: engine.devices,
    cards,
    sgemmGflops,
    advice,
  };
}

/** One sentence for why no GPU is in use; `reason` is what setup found of the CUDA library. */
export function gpuAdvice(cards: readonly GpuCard[], device: DeviceChoice, reason: string | undefined): string {
  if (cards.length > 0 && device === 'cpu')
    return `No GPU is in use, because the settings say so; ${cards[0]!.name} would be faster.`;
  const faster =
    'On Linux an NVIDIA GPU with the CUDA engine makes training of models above 100 million parameters many times ' +
    'faster.';
  return `No GPU is in use. ${reason ?? faster}`;
}
