import { Box, FormControlLabel, MenuItem, Switch, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { MethodId, MethodParameter } from '../../../src-main/shared/catalogue/method-catalogue';
import type { MixTerm } from '../../../src-main/shared/spec/method-spec';
import { NumberField } from '../../components/number-field';
import { formatCount } from '../../state/format';
import { parameterUnit } from '../../state/method-words';
import { problemAt, type DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { MixTerms } from './mix-terms';

export interface ParameterControlProps {
  readonly parameter: MethodParameter;
  readonly methodId: MethodId;
  readonly value: unknown;
  readonly problems: readonly DraftProblem[];
  readonly onChange: (value: unknown) => void;
}

/** Whole numbers between so few are a choice. */
const fewValues = 4;

/** The control that fits a row of the catalogue. */
export function ParameterControl({ parameter, methodId, value, problems, onChange }: ParameterControlProps): ReactNode {
  const { range, label, help } = parameter;
  const path = `method.${parameter.name}`;
  const problem = problemAt(problems, path);
  if ('terms' in range)
    return (
      <MixTerms
        parameter={parameter}
        options={range.terms}
        methodId={methodId}
        terms={value as readonly MixTerm[]}
        problems={problems}
        onChange={onChange}
      />
    );
  if ('flag' in range)
    return (
      <Box>
        <FormControlLabel
          control={
            <Switch
              checked={value === true}
              onChange={(event) => onChange(event.target.checked)}
              slotProps={{ input: { 'data-testid': testIds.wizardField(path) } as Record<string, string> }}
            />
          }
          label={label}
        />
        <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
          {help}
        </Typography>
      </Box>
    );
  if ('options' in range)
    return (
      <Choice
        label={label}
        help={help}
        error={problem?.message ?? null}
        path={path}
        value={value}
        byDefault={parameter.default}
        options={range.options}
        onChange={onChange}
      />
    );
  if (range.whole === true && range.max - range.min < fewValues) {
    const options = Array.from({ length: range.max - range.min + 1 }, (_, i) => String(range.min + i));
    return (
      <Choice
        label={label}
        help={help}
        error={problem?.message ?? null}
        path={path}
        value={String(value)}
        byDefault={String(parameter.default)}
        options={options}
        onChange={(text) => onChange(Number(text))}
      />
    );
  }
  const isUnusual = typeof value === 'number' && (value < range.min || value > range.max);
  const bounds = [range.min, range.max]
    .map((bound) => (Number.isInteger(bound) ? formatCount(bound) : String(bound)))
    .join(' to ');
  const unit = parameterUnit(parameter);
  return (
    <NumberField
      label={label}
      value={typeof value === 'number' ? value : null}
      onChange={onChange}
      help={
        isUnusual ? (
          <Typography variant="caption" color="warning" component="span">
            Outside the usual range, {bounds}. {help}
          </Typography>
        ) : (
          <>
            {help} Range {bounds}.
          </>
        )
      }
      error={problem?.message ?? null}
      path={path}
      range={range}
      isWhole={range.whole === true}
      {...(range.step === undefined ? {} : { step: range.step })}
      {...(unit === undefined ? {} : { unit })}
    />
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly help: string;
  readonly error: string | null;
  readonly path: string;
  readonly value: unknown;
  readonly byDefault: unknown;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
}

/** Longer help runs under the neighbours rather than into a tall column. */
const longHelp = 140;

function Choice({ label, help, error, path, value, byDefault, options, onChange }: ChoiceProps): ReactNode {
  return (
    <TextField
      select
      label={label}
      value={String(value)}
      onChange={(event) => onChange(event.target.value)}
      helperText={error ?? help}
      error={error !== null}
      data-testid={testIds.wizardField(path)}
      sx={help.length > longHelp ? { gridColumn: '1 / -1', '& .MuiInputBase-root': { maxWidth: 280 } } : {}}
    >
      {options.map((option) => (
        <MenuItem key={option} value={option}>
          {option}
          {option === byDefault ? ' (default)' : ''}
        </MenuItem>
      ))}
    </TextField>
  );
}
