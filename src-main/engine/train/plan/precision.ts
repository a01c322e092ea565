import { inCheckout } from '../../../shared/build-kind';
import { throwFailure } from '../../../shared/result';
import type { RunSpec } from '../../../shared/spec/run-spec';
import type { FloatFormat } from '../../graph/types';
import type { Engine } from '../../backends/registry';

const doctor = inCheckout('npx sampo doctor', '“Measure this machine” in Settings');

const formats = { float32: 'f32', bfloat16: 'bf16', float16: 'f16' } as const satisfies Record<
  RunSpec['training']['precision'],
  FloatFormat
>;

/** How matrices that an adapter leaves alone are kept; what is trained is float32. */
export const storageOf = ({ adapter, training }: RunSpec): FloatFormat =>
  adapter.kind === 'lora' ? formats[training.precision] : 'f32';

/**
 * The format that layers multiply in: the spec's where the device multiplies that as such, else float32. Throws where
 * the spec's precision would then change nothing.
 */
export function productsOf(
  { adapter, training: { precision } }: RunSpec,
  { halves, info }: Pick<Engine, 'halves' | 'info'>,
): FloatFormat {
  const format = formats[precision];
  if (format === 'f32' || halves.has(format)) return format;
  if (info.backend !== 'tensorflow')
    throwFailure(
      'unsupported',
      `The ${info.backend} engine computes in float32 only, not in ${precision}.`,
      `Set training.precision to "float32", or set up TensorFlow (${doctor} says what is missing).`,
      { path: 'training.precision' },
    );
  if (adapter.kind === 'none')
    throwFailure(
      'unsupported',
      `This machine does not multiply ${precision} as such, and full fine-tuning keeps its weights in float32: ` +
        'nothing would be faster or smaller.',
      `Set training.precision to "float32"; ${doctor} says what this machine has.`,
      { path: 'training.precision' },
    );
  return 'f32';
}

/**
 * What a run says of it beside its device; a card itself says how it multiplies float32
 * (backends/tensorflow/device.ts).
 */
export function precisionInUse(
  { precision }: RunSpec['training'],
  products: FloatFormat,
  onGpu: boolean,
): readonly string[] {
  if (products !== 'f32') return [`products in ${precision}`];
  // productsOf refuses it where no weights are frozen
  if (precision !== 'float32') return [`frozen weights in ${precision}, products in float32`];
  return onGpu ? [] : ['products in float32'];
}
