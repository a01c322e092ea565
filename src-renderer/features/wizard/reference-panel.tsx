import { Box, FormHelperText, MenuItem, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { methodById } from '../../../src-main/shared/catalogue/method-catalogue';
import type { ModelView } from '../../../src-main/shared/views/library';
import { useAppState } from '../../api/app-store';
import { Panel } from '../../components/panel';
import { formatCount } from '../../state/format';
import { valueOf } from '../../state/loadable';
import {
  effectiveParameters,
  parameterOf,
  readParameter,
  referenceMode,
  referenceModes,
  referenceObstacle,
  effectiveSpec,
  type ReferenceMode,
} from '../../state/spec-effect';
import { problemAt, type DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { ChoiceCard } from './choice-card';
import { useWizardDraft } from './draft-provider';
import { ParameterControl } from './parameter-control';

const titles: Readonly<Record<ReferenceMode, string>> = {
  itself: 'The model itself',
  other: 'Another model',
  follows: 'Follows the model',
  none: 'None',
};

/**
 * What rewards are measured against. Only what the method and the rest of the form allow can be chosen; the rest says
 * why not.
 */
export function ReferencePanel({
  problems,
  steps,
}: {
  readonly problems: readonly DraftProblem[];
  readonly steps: number | null;
}): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const models = valueOf(useAppState().models) ?? [];
  const spec = effectiveSpec(draft.spec);
  const entry = methodById(spec.method.id);
  if (entry === undefined || entry.objective === 'supervised') return null;
  if (!entry.needsReference)
    return (
      <Panel title="Reference">
        <Typography variant="body1">
          {entry.name} needs no reference: it compares what the model itself gives both responses.
        </Typography>
      </Panel>
    );
  const mode = referenceMode(spec);
  const others = models.filter((model) => model.id !== draft.modelId);
  const own = models.find((model) => model.id === draft.modelId);
  const fitting = others.filter((model) => own === undefined || model.vocabulary === own.vocabulary);
  const obstacle = (of: ReferenceMode): string | null =>
    referenceObstacle(of, entry, spec) ??
    (of === 'other' && fitting.length === 0 ? 'No other model with the same tokens is in the list.' : null);
  const helps: Readonly<Record<ReferenceMode, string>> = {
    itself: spec.rounds > 1 ? 'As it is before each round.' : 'As it is before training.',
    other: 'Fixed; scored once before training.',
    follows: 'Moves towards the model every few steps (TR-DPO).',
    none: parameterOf(spec.method.id, 'referenceFree')?.help ?? '',
  };
  const shown = referenceModes.filter((of) => of !== 'none' || referenceObstacle('none', entry, spec) === null);
  const known =
    problemAt(problems, 'model.reference') ??
    problems.find((problem) => problem.path === 'method.referenceSync') ??
    null;
  return (
    <Panel title="Reference" help="What rewards are measured against.">
      <Box
        role="radiogroup"
        aria-label="Reference"
        sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 210px), 1fr))' }}
      >
        {shown.map((of) => {
          const why = of === mode ? null : obstacle(of);
          return (
            <ChoiceCard
              key={of}
              isChosen={of === mode}
              isDisabled={why !== null}
              onChoose={() => dispatch({ kind: 'reference', mode: of, modelId: fitting[0]?.id ?? null })}
              testId={testIds.reference(of)}
              label={titles[of]}
            >
              <Typography variant="body1" sx={{ fontWeight: 620 }}>
                {titles[of]}
              </Typography>
              <Typography variant="body2" color="textSecondary">
                {why ?? helps[of]}
              </Typography>
            </ChoiceCard>
          );
        })}
      </Box>
      {mode === 'other' && (
        <OtherModel
          models={others}
          chosen={draft.spec.model.reference}
          onChoose={(id) => dispatch({ kind: 'reference', mode: 'other', modelId: id })}
        />
      )}
      {mode === 'follows' && (
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 210px), 1fr))',
            pt: 2,
          }}
        >
          {effectiveParameters(spec)
            .filter(({ name }) => name.startsWith('referenceSync.'))
            .map((parameter) => (
              <ParameterControl
                key={parameter.name}
                parameter={parameter}
                methodId={spec.method.id}
                value={readParameter(spec.method, parameter.name)}
                problems={problems}
                onChange={(value) => dispatch({ kind: 'field', path: `method.${parameter.name}`, value })}
              />
            ))}
        </Box>
      )}
      {mode === 'follows' && steps !== null && spec.method.referenceSync.everySteps >= steps && (
        <FormHelperText sx={{ color: 'warning.main', mt: 1 }}>
          This run has {formatCount(steps)} steps, so the reference would never move.
        </FormHelperText>
      )}
      {known !== null && (
        <FormHelperText error sx={{ mt: 1 }}>
          {known.message}
        </FormHelperText>
      )}
    </Panel>
  );
}

function OtherModel({
  models,
  chosen,
  onChoose,
}: {
  readonly models: readonly ModelView[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const value = models.find((model) => `model:${model.id}` === chosen)?.id ?? '';
  return (
    <TextField
      select
      label="Reference model"
      value={value}
      onChange={(event) => onChoose(event.target.value)}
      helperText="Needs the same tokens as the model that learns."
      sx={{ mt: 2, minWidth: 280, maxWidth: '100%' }}
      data-testid={testIds.wizardField('model.reference')}
    >
      {models.map((model) => (
        <MenuItem key={model.id} value={model.id} sx={{ whiteSpace: 'normal' }}>
          {model.name}
        </MenuItem>
      ))}
    </TextField>
  );
}
