import { Box, Checkbox, FormControlLabel, MenuItem, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { methodById, methodCatalogue, type MethodEntry, type MethodParameter } from '../../../src-main/shared/method-catalogue';
import type { RunSpec } from '../../../src-main/shared/run-spec';
import { useAppState, useReload } from '../../api/app-store';
import { NumberField } from '../../components/number-field';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import { formatShort } from '../../state/format';
import { twinChoices, type DraftProblem } from '../../state/wizard-draft';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';
import { MethodCard } from './method-card';

type MethodId = RunSpec['method']['id'];
/** Main lists what it can train; an id that this form's schema does not know cannot be asked for. */
const isKnown = (id: string): id is MethodId => methodById(id) !== undefined;

export function MethodStep({ problems }: { readonly problems: readonly DraftProblem[] }): ReactNode {
  const { methods } = useAppState();
  const reload = useReload();
  return (
    <Loaded data={methods} onRetry={() => reload('methods')}>
      {(list) => {
        const known = list.filter((method) => isKnown(method.id));
        return <Methods methods={known.length > 0 ? known : methodCatalogue} problems={problems} />;
      }}
    </Loaded>
  );
}

function Methods({ methods, problems }: { readonly methods: readonly MethodEntry[]; readonly problems: readonly DraftProblem[] }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const chosen = methods.find((method) => method.id === draft.spec.method.id);
  const twins = twinChoices(methods, draft.spec.method.id);
  const families = [
    { title: 'Preference: learn from both answers', list: methods.filter((m) => m.objective === 'preference') },
    { title: 'Supervised: learn from the chosen answer only', list: methods.filter((m) => m.objective === 'supervised') },
  ].filter(({ list }) => list.length > 0);
  return (
    <>
      <Panel title="How should it learn?">
        <Box role="radiogroup" aria-label="Method" sx={{ display: 'grid', gap: 1.5 }}>
          {families.map(({ title, list }) => (
            <Box key={title}>
              <Typography variant="body2" color="textSecondary" sx={{ mb: 0.75 }}>{title}</Typography>
              <Box sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))' }}>
                {list.map((method) => <MethodCard key={method.id} method={method} isChosen={method.id === draft.spec.method.id} onChoose={() => isKnown(method.id) && dispatch({ kind: 'method', id: method.id })} />)}
              </Box>
            </Box>
          ))}
        </Box>
      </Panel>
      {chosen !== undefined && chosen.parameters.length > 0 && (
        <Panel title={`Parameters of ${chosen.name}`} actions={chosen.presets.length > 0 ? <Presets method={chosen} /> : undefined}>
          <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))', pt: 0.75 }}>
            {chosen.parameters.map((parameter) => <Parameter key={parameter.name} parameter={parameter} problem={problems.find((p) => p.path === `method.${parameter.name}`) ?? null} />)}
          </Box>
        </Panel>
      )}
      {twins.length > 0 && (
        <Panel title="Also run" help="A second run with another method on the same model, pairs, seed and schedule, so that a comparison is one click. It waits until the first has ended.">
          {twins.map((twin) => (
            <FormControlLabel key={twin.id} control={<Checkbox checked={draft.twin === twin.id} slotProps={{ input: { 'data-testid': testIds.wizardTwin(twin.id) } as Record<string, string> }} onChange={(event) => isKnown(twin.id) && dispatch({ kind: 'twin', id: event.target.checked ? twin.id : null })} />} label={`${twin.name} as well`} />
          ))}
        </Panel>
      )}
    </>
  );
}

function Presets({ method }: { readonly method: MethodEntry }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const preset = method.presets.find((p) => p.id === draft.presetId);
  return (
    <TextField select label="Preset" value={preset?.id ?? ''} onChange={(event) => dispatch({ kind: 'preset', id: event.target.value === '' ? null : event.target.value })} sx={{ width: 300 }}
      helperText={preset === undefined ? 'Published settings; they also set learning rate and epochs.' : `${preset.source}: learning rate ${formatShort(preset.training.learningRate)}, epochs ${preset.training.epochs}`} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
      <MenuItem value="">Defaults</MenuItem>
      {method.presets.map((p) => <MenuItem key={p.id} value={p.id}>{p.name}</MenuItem>)}
    </TextField>
  );
}

function Parameter({ parameter, problem }: { readonly parameter: MethodParameter; readonly problem: DraftProblem | null }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const path = `method.${parameter.name}`;
  const own = (draft.spec.method as Readonly<Record<string, unknown>>)[parameter.name] ?? parameter.default;
  const set = (value: unknown): void => dispatch({ kind: 'field', path, value });
  if ('options' in parameter.range)
    return (
      <TextField select label={parameter.label} value={String(own)} onChange={(event) => set(event.target.value === parameter.default ? null : event.target.value)} helperText={parameter.help} data-testid={testIds.wizardField(path)} sx={{ gridColumn: { lg: 'span 2' } }}>
        {parameter.range.options.map((option) => <MenuItem key={option} value={option}>{option}{option === parameter.default ? ' (default)' : ''}</MenuItem>)}
      </TextField>
    );
  return <NumberField label={parameter.label} value={typeof own === 'number' ? own : null} onChange={set} help={parameter.help} error={problem?.message ?? null} path={path} />;
}
