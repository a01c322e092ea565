import type { RunWarning } from '../../src-main/shared/spec/run-warnings';
import type { ModelView } from '../../src-main/shared/views/library';
import { formatParameters } from './format';
import type { WizardDraft } from './wizard-draft';
import { presetState } from './wizard-presets';

/** Sizes within this factor of each other take about the same settings. */
const sameSize = 5;

/**
 * Published settings are for one size and for full fine-tuning; a spec does not say where its numbers are from, so only
 * the form can tell.
 */
export function presetWarnings(draft: WizardDraft, model: ModelView | null): readonly RunWarning[] {
  const state = presetState(draft);
  if (state === null || model === null) return [];
  const { preset } = state;
  const { parameters } = model;
  const isOther = Math.max(parameters / preset.size, preset.size / parameters) > sameSize;
  const { learningRate } = draft.spec.training;
  if (learningRate !== preset.training.learningRate) return []; // somebody has seen to it
  const found: RunWarning[] = [];
  if (isOther)
    found.push({
      code: 'preset-size',
      level: 'warning',
      message:
        `The preset ${preset.name} was found on ${formatParameters(preset.size)} parameters; this model has ` +
        `${formatParameters(parameters)}.`,
      hint:
        parameters < preset.size
          ? 'Smaller models take a higher learning rate.'
          : 'Larger models take a lower learning rate.',
    });
  if (draft.spec.adapter.kind === 'lora')
    found.push({
      code: 'preset-adapter',
      level: 'warning',
      message: `The preset ${preset.name} is for full fine-tuning; a LoRA adapter learns little at its learning rate.`,
      hint: 'With an adapter take about ten times the learning rate, or train all weights.',
    });
  return found;
}
