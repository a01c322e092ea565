import { throwFailure } from '../../shared/result';
import type { FloatFormat, HostArray, Session } from '../graph/types';
import { familyOf, type ModelConfig } from '../families/registry';
import type { WeightSpec } from '../families/types';
import { floatToBfloat, floatToHalf } from '../weights/numbers';
import type { ModelSource } from '../source/types';

/** Puts a model's weights into the session, one tensor after the other. */
export async function loadWeights(
  session: Session,
  source: ModelSource,
  onProgress: (done: number, total: number) => void,
  pause: () => Promise<void>,
  storageOf: (spec: WeightSpec) => FloatFormat = () => 'f32',
): Promise<void> {
  const specs = familyOf(source.config).weights(source.config);
  for (const [index, spec] of specs.entries()) {
    session.setVariable(spec.name, stored(await readWeight(source, spec), storageOf(spec)));
    onProgress(index + 1, specs.length);
    await pause();
  }
}

/** Halves travel as their bytes, little-endian (graph/types.ts). */
function stored(values: Float32Array, storage: FloatFormat): HostArray {
  if (storage === 'f32') return values;
  const convert = storage === 'bf16' ? floatToBfloat : floatToHalf;
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = convert(values[i]!);
  return new Uint8Array(bits.buffer);
}

async function readWeight(source: ModelSource, { name }: WeightSpec): Promise<Float32Array> {
  const tensor =
    source.tensors.get(name) ??
    throwFailure(
      'bad-model',
      `${source.path} lacks the tensor ${name}.`,
      'Its files are incomplete; download it again.',
      { tensor: name },
    );
  const values = await tensor.read();
  requireFinite(values, name, source.path);
  return values;
}

/** NaN in one weight makes every loss NaN, steps later and without a name. */
export function requireFinite(values: Float32Array, name: string, where: string): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) notFinite(where, name, index, values[index]!);
}

export const notFinite = (where: string, name: string, index: number, value: number): never =>
  throwFailure(
    'bad-model',
    `Tensor ${name} of ${where} holds ${value} at place ${index}.`,
    'The file is damaged, or its training broke down; use an earlier version of it.',
    { file: where, tensor: name, index },
  );

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const parameterCount = (weights: readonly WeightSpec[]): number =>
  weights.reduce((sum, w) => sum + elements(w.shape), 0);
export const modelParameters = (config: ModelConfig): number => parameterCount(familyOf(config).weights(config));
