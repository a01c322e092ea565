import { z } from 'zod';
import type { EngineInfo } from '../ipc/engine-events';

export interface DoctorReport {
  readonly runtime: string;
  readonly engine: Pick<EngineInfo, 'backend' | 'reason'>;
  readonly library: string;
  readonly devices: readonly string[];
  readonly cards: readonly GpuCard[];
  readonly sgemmGflops: Readonly<Record<string, number>>;
  readonly advice: readonly string[];
}

export interface AppInfo {
  readonly version: string;
  readonly electron: string;
  readonly runtimeSource: string;
  /** A package has no command line, so its pages show no commands. */
  readonly hasCommandLine: boolean;
  readonly engine: string; // 'TensorFlow 2.21.0 · CPU · 2 cores'
  readonly engineReason: string | null;
  readonly cards: readonly GpuCard[];
  readonly home: string;
  readonly diskFreeBytes: number;
  readonly folders: readonly { readonly name: string; readonly path: string; readonly bytes: number }[];
}

/** The app closes and a run is saved before: at which step it was, and of which step it has a checkpoint. */
export interface ClosingView {
  readonly runName: string;
  readonly step: number;
  readonly savedStep: number | null;
}

/** Which device the library may use: what it finds, the processor alone, or one NVIDIA card by its number. */
const deviceSchema = z.union([
  z.enum(['auto', 'cpu']),
  z.string().regex(/^gpu:\d{1,2}$/) as unknown as z.ZodType<`gpu:${number}`>,
]);

export type DeviceChoice = z.output<typeof deviceSchema>;

export const settingsChangeSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).exactOptional(),
  engine: z.enum(['auto', 'tensorflow', 'wasm']).exactOptional(),
  device: deviceSchema.exactOptional(),
  /** TF32 on cards that have it: products with 10 bits of mantissa, several times faster. */
  tf32: z.boolean().exactOptional(),
});

export type Settings = Readonly<Required<z.output<typeof settingsChangeSchema>>>;

/** An NVIDIA card, as its driver tells. */
export interface GpuCard {
  readonly index: number;
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly driver: string;
}
