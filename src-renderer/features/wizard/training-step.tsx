import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunSpec } from '../../../src-main/shared/run-spec';
import { useAppState } from '../../api/app-store';
import { valueOf } from '../../state/loadable';
import { formatCount, plural } from '../../state/format';
import type { DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { ChoiceCard } from './choice-card';
import { useWizardDraft } from './draft-provider';
import { FieldGroupPanel } from './field-group';
import { ReferencePanel } from './reference-panel';

const adapters = [
  { value: 'lora', title: 'LoRA adapter', text: 'Trains a small addition to each layer: less memory, small files, hard to break the model.' },
  { value: 'none', title: 'All weights', text: 'Full fine-tuning: for small models, with a lower learning rate (1e-6 and below for most).' },
] as const;

export function TrainingStep({ problems, steps }: { readonly problems: readonly DraftProblem[]; readonly steps: number | null }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const longest = useLongestPair();
  const model = (valueOf(useAppState().models) ?? []).find((m) => m.id === draft.modelId);
  const cards = (
    <Box role="radiogroup" aria-label="What is trained" sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(230px, 1fr))', mb: 1.25 }}>
      {adapters.map(({ value, title, text }) => (
        <ChoiceCard key={value} isChosen={draft.spec.adapter.kind === value} onChoose={() => dispatch({ kind: 'adapter', value })} testId={testIds.wizardField(`adapter-${value}`)} label={title}>
          <Typography variant="body1" sx={{ fontWeight: 620 }}>{title}</Typography>
          <Typography variant="body2" color="textSecondary">{text}</Typography>
        </ChoiceCard>
      ))}
    </Box>
  );
  return (
    <>
      <FieldGroupPanel group="adapter" problems={problems} head={cards} />
      <ReferencePanel problems={problems} steps={steps} />
      <FieldGroupPanel group="length-of-training" problems={problems} notes={paceNotes(draft.spec)} />
      <FieldGroupPanel group="optimizer" problems={problems} />
      <FieldGroupPanel group="length" problems={problems} notes={longest === null ? (draft.spec.training.maxLength === model?.contextLength ? { 'training.maxLength': 'Set to all that this model reads.' } : {}) : { 'training.maxLength': `Your longest pair: ${plural(longest, 'token')}${longest > draft.spec.training.maxLength ? '.' : `, so ${formatCount(draft.spec.training.maxLength)} cuts nothing.`}` }} />
      <FieldGroupPanel group="probes" problems={problems} />
      <FieldGroupPanel group="saving" problems={problems} />
    </>
  );
}

/** What the two ways to say how long mean for each other, and for rounds. */
function paceNotes({ rounds, objective, training }: RunSpec): Readonly<Record<string, string>> {
  const perRound = rounds > 1 && objective === 'preference' ? 'In every round.' : '';
  return training.maxSteps === null ? { 'training.epochs': perRound } : { 'training.epochs': 'Not used while steps are set.', 'training.maxSteps': perRound };
}

/** An upper bound from the profile (longest prompt plus longest answer) where it was measured with this model. */
function useLongestPair(): number | null {
  const { draft } = useWizardDraft();
  const dataset = (valueOf(useAppState().datasets) ?? []).find((d) => d.id === draft.datasetId);
  const profile = dataset?.inspection.profile;
  if (!dataset || !profile || profile.unit !== 'tokens' || dataset.measuredWith !== draft.modelId) return null;
  return profile.prompt.max + Math.max(profile.chosen.max, profile.rejected.max);
}

