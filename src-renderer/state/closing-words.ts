import type { ClosingView } from '../../src-main/shared/views/app';
import { formatCount, plural } from './format';

/** What ending without saving would cost. */
export function lossSentence({ step, savedStep }: ClosingView): string {
  if (savedStep === null)
    return step === 0
      ? 'Without saving, nothing is lost but the preparation.'
      : `Without saving, all ${plural(step, 'step')} are lost: there is no checkpoint yet.`;
  if (step <= savedStep) return `Without saving, no step is lost: the checkpoint is of step ${formatCount(savedStep)}.`;
  return (
    `Without saving, what was learned since the checkpoint of step ${formatCount(savedStep)} is lost: ` +
    `${plural(step - savedStep, 'step')}.`
  );
}
