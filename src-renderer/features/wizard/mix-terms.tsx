import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import { Box, Button, FormHelperText, IconButton, MenuItem, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { MethodId, MethodParameter } from '../../../src-main/shared/catalogue/method-catalogue';
import { mostMixTerms, type MixTerm } from '../../../src-main/shared/spec/method-spec';
import { NumberField } from '../../components/number-field';
import { methodName } from '../../state/method-words';
import { mayBeAdded } from '../../state/spec-effect';
import { problemAt, type DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';

export interface MixTermsProps {
  readonly parameter: MethodParameter;
  readonly options: readonly string[];
  readonly methodId: MethodId;
  readonly terms: readonly MixTerm[];
  readonly problems: readonly DraftProblem[];
  readonly onChange: (terms: readonly MixTerm[]) => void;
}

/** Losses added to the method's own: a row each, with its weight. */
export function MixTerms({ parameter, options, methodId, terms, problems, onChange }: MixTermsProps): ReactNode {
  const path = `method.${parameter.name}`;
  const isTerm = (id: string): id is MixTerm['id'] => options.includes(id);
  const free = options.filter((id) => mayBeAdded(methodId, id) && !terms.some((term) => term.id === id));
  const set = (at: number, next: Partial<MixTerm>): void =>
    onChange(terms.map((term, i) => (i === at ? { ...term, ...next } : term)));
  const add = (): void => {
    const [id] = free;
    if (id !== undefined && isTerm(id)) onChange([...terms, { id, weight: 1 }]);
  };
  const own = problems.find((problem) => problem.path === path);
  return (
    <Box sx={{ gridColumn: '1 / -1' }} role="group" aria-label={parameter.label}>
      <Typography variant="body1" sx={{ fontWeight: 550 }}>
        {parameter.label}
      </Typography>
      <Typography variant="caption" color="textSecondary" sx={{ display: 'block', mb: terms.length > 0 ? 1.5 : 0.75 }}>
        {parameter.help}
      </Typography>
      {terms.map((term, i) => (
        <Box key={i} sx={{ display: 'flex', gap: 1.25, alignItems: 'flex-start', mb: 2 }}>
          <TextField
            select
            label="Loss"
            value={term.id}
            onChange={(event) => isTerm(event.target.value) && set(i, { id: event.target.value })}
            sx={{ width: 220 }}
            data-testid={testIds.wizardField(`${path}.${i}.id`)}
          >
            {[term.id, ...free].map((id) => (
              <MenuItem key={id} value={id}>
                {methodName(id)}
              </MenuItem>
            ))}
          </TextField>
          <NumberField
            label="Weight"
            value={term.weight}
            onChange={(weight) => set(i, { weight: weight ?? Number.NaN })}
            error={problemAt(problems, `${path}.${i}`)?.message ?? null}
            path={`${path}.${i}.weight`}
            step={0.1}
            range={{ min: 0.1, max: 1000 }}
            width={140}
          />
          <IconButton
            aria-label={`Remove ${methodName(term.id)}`}
            onClick={() => onChange(terms.filter((_, at) => at !== i))}
            data-testid={testIds.mixRemove(i)}
            sx={{ mt: '2px' }}
          >
            <Close fontSize="small" />
          </IconButton>
        </Box>
      ))}
      {own !== undefined && (
        <FormHelperText error sx={{ mb: 1 }}>
          {own.message}
        </FormHelperText>
      )}
      <Button
        size="small"
        variant="outlined"
        startIcon={<Add />}
        disabled={free.length === 0 || terms.length >= mostMixTerms}
        onClick={add}
        data-testid={testIds.mixAdd}
      >
        Add a loss
      </Button>
    </Box>
  );
}
