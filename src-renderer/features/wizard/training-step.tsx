import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { usualLearningRate } from '../../../src-main/shared/catalogue/ranges';
import { methodById } from '../../../src-main/shared/catalogue/method-catalogue';
import type { RunSpec } from '../../../src-main/shared/spec/run-spec';
import { useAppState } from '../../api/app-store';
import { valueOf } from '../../state/loadable';
import { formatShort } from '../../state/format';
import type { DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { ChoiceCard } from './choice-card';
import { useWizardDraft } from './draft-provider';
import { FieldGroupPanel } from './field-group';
import { ReferencePanel } from './reference-panel';

const adapters = [
  {
    value: 'lora',
    title: 'LoRA adapter',
    text: 'Trains a small addition to each layer: less memory, small files, hard to break the model.',
  },
  {
    value: 'none',
    title: 'All weights',
    text: 'Full fine-tuning: for small models, with a lower learning rate (1e-6 and below for most).',
  },
] as const;

export function TrainingStep({
  problems,
  steps,
}: {
  readonly problems: readonly DraftProblem[];
  readonly steps: number | null;
}): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const model = (valueOf(useAppState().models) ?? []).find((m) => m.id === draft.modelId);
  const cards = (
    <Box
      role="radiogroup"
      aria-label="What is trained"
      sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(230px, 1fr))', mb: 1.25 }}
    >
      {adapters.map(({ value, title, text }) => (
        <ChoiceCard
          key={value}
          isChosen={draft.spec.adapter.kind === value}
          onChoose={() => dispatch({ kind: 'adapter', value })}
          testId={testIds.wizardField(`adapter-${value}`)}
          label={title}
        >
          <Typography variant="body1" sx={{ fontWeight: 620 }}>
            {title}
          </Typography>
          <Typography variant="body2" color="textSecondary">
            {text}
          </Typography>
        </ChoiceCard>
      ))}
    </Box>
  );
  return (
    <>
      <FieldGroupPanel group="adapter" problems={problems} head={cards} />
      <ReferencePanel problems={problems} steps={steps} />
      <FieldGroupPanel group="length-of-training" problems={problems} notes={paceNotes(draft.spec)} />
      <FieldGroupPanel
        group="optimizer"
        problems={problems}
        notes={model === undefined ? {} : { 'training.learningRate': rateNote(draft.spec, model.parameters) }}
      />
      <FieldGroupPanel group="length" problems={problems} />
      <FieldGroupPanel group="probes" problems={problems} />
      <FieldGroupPanel group="saving" problems={problems} />
    </>
  );
}

/** What the two ways to say how long mean for each other, and for rounds. */
function paceNotes({ rounds, objective, training }: RunSpec): Readonly<Record<string, string>> {
  const perRound = rounds > 1 && objective === 'preference' ? 'In every round.' : '';
  return training.maxSteps === null
    ? { 'training.epochs': perRound }
    : { 'training.epochs': 'Not used while steps are set.', 'training.maxSteps': perRound };
}

/** What is known to work with this method, adapter and size. */
function rateNote({ method, adapter }: RunSpec, parameters: number): string {
  const entry = methodById(method.id);
  if (entry === undefined) return '';
  const { low, high } = usualLearningRate(entry, adapter.kind, parameters);
  return `Usual here: ${formatShort(low)} to ${formatShort(high)}.`;
}
