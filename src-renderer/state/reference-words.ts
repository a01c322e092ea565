import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { assertNever } from '../../src-main/shared/result';
import { formatShort, plural } from './format';
import { referenceMode } from './spec-effect';

/**
 * What a run measures against, as a value of a table. `otherName`: the name of another model as reference, where it is
 * known.
 */
export function referenceText(spec: RunSpec, otherName?: string): string {
  const mode = referenceMode(spec);
  switch (mode) {
    case 'itself':
      return spec.rounds > 1 ? 'the model before each round' : 'the model before training';
    case 'other':
      return otherName ?? spec.model.reference ?? '';
    case 'follows':
      return (
        `follows the model by ${formatShort(spec.method.referenceSync.mixup)} every ` +
        `${plural(spec.method.referenceSync.everySteps, 'step')}`
      );
    case 'none':
      return 'none';
    default:
      return assertNever(mode);
  }
}
