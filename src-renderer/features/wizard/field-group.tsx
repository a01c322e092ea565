import { Box, Button, FormControlLabel, MenuItem, Switch, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { NumberField } from '../../components/number-field';
import { Panel } from '../../components/panel';
import { useFold } from '../../components/use-fold';
import { problemAt, type DraftProblem } from '../../state/wizard-problems';
import {
  groupTitles,
  isOn,
  isShown,
  readField,
  wizardFields,
  type FieldGroup,
  type FieldSpec,
} from '../../state/wizard-fields';
import { proposalFor } from '../../state/wizard-draft';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';

export interface FieldGroupPanelProps {
  readonly group: FieldGroup;
  readonly problems: readonly DraftProblem[];
  readonly head?: ReactNode;
  readonly notes?: Readonly<Record<string, ReactNode>>;
}

/** The fields of one group from the table; advanced ones fold away, but not while they hold a mistake. */
export function FieldGroupPanel({ group, problems, head, notes = {} }: FieldGroupPanelProps): ReactNode {
  const { draft } = useWizardDraft();
  const fields = wizardFields.filter((field) => field.group === group && isShown(field, draft.spec));
  const advanced = fields.filter((field) => field.isAdvanced);
  const [isUnfolded, toggle] = useFold(
    false,
    advanced.some((field) => problemAt(problems, field.path) !== null),
  );
  const shown = fields.filter((field) => !field.isAdvanced || isUnfolded);
  return (
    <Panel
      title={groupTitles[group]}
      actions={
        advanced.length > 0 ? (
          <Button size="small" aria-expanded={isUnfolded} onClick={toggle}>
            {isUnfolded ? 'Less' : 'More'}
          </Button>
        ) : undefined
      }
    >
      {head}
      {shown.length > 0 && (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))', pt: 0.75 }}>
          {shown.map((field) => (
            <Field
              key={field.path}
              field={field}
              problem={problems.find((p) => p.path === field.path) ?? null}
              note={notes[field.path]}
            />
          ))}
        </Box>
      )}
    </Panel>
  );
}

function Field({
  field,
  problem,
  note,
}: {
  readonly field: FieldSpec;
  readonly problem: DraftProblem | null;
  readonly note: ReactNode;
}): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const value = readField(draft.spec, field.path);
  const set = (next: unknown): void => dispatch({ kind: 'field', path: field.path, value: next });
  const more = note ?? proposalFor(draft, field.path);
  const help =
    more === null || more === undefined ? (
      field.help
    ) : (
      <>
        {field.help} {more}
      </>
    );
  switch (field.kind) {
    case 'number':
      return (
        <NumberField
          label={field.label}
          value={typeof value === 'number' ? value : null}
          onChange={set}
          help={help}
          error={problem?.message ?? null}
          path={field.path}
          {...(field.unit === undefined ? {} : { unit: field.unit })}
          {...(field.nullText === undefined ? {} : { nullText: field.nullText })}
          isWhole={field.isWhole ?? false}
          isPercent={field.isPercent ?? false}
          {...(field.step === undefined ? {} : { step: field.step })}
        />
      );
    case 'choice':
      return (
        <TextField
          select
          label={field.label}
          value={field.options.some((o) => o.value === value) ? value : ''}
          onChange={(event) => set(event.target.value)}
          helperText={help}
          data-testid={testIds.wizardField(field.path)}
        >
          {field.options.map((option) => (
            <MenuItem key={option.value} value={option.value}>
              {option.label}
            </MenuItem>
          ))}
        </TextField>
      );
    case 'switch':
      return (
        <Box>
          <FormControlLabel
            control={
              <Switch
                checked={isOn(field, value)}
                onChange={(event) =>
                  set(event.target.checked ? (field.on ?? true) : field.off === undefined ? false : field.off)
                }
                slotProps={{ input: { 'data-testid': testIds.wizardField(field.path) } as Record<string, string> }}
              />
            }
            label={field.label}
          />
          <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
            {field.help}
          </Typography>
        </Box>
      );
    case 'lines':
      return (
        <TextField
          multiline
          minRows={3}
          maxRows={10}
          label={field.label}
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={(event) => set(event.target.value === '' ? [] : event.target.value.split('\n'))}
          onBlur={(event) =>
            set(
              event.target.value
                .split('\n')
                .map((line) => line.trim())
                .filter((line) => line !== ''),
            )
          }
          helperText={problem?.message ?? help}
          error={problem !== null}
          sx={{ gridColumn: '1 / -1' }}
          slotProps={{ inputLabel: { shrink: true } }}
        />
      );
  }
}
