import { Box, Checkbox, FormControlLabel, ListSubheader, MenuItem, TextField } from '@mui/material';
import type { ReactNode } from 'react';
import { methodById, type MethodEntry } from '../../../src-main/shared/catalogue/method-catalogue';
import { Panel } from '../../components/panel';
import { methodGroups } from '../../state/method-words';
import { twinChoices } from '../../state/wizard-draft';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';

/** A second run with another method: the usual partners as ticks, the others in a list. */
export function TwinPanel({ methods }: { readonly methods: readonly MethodEntry[] }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const [first, ...others] = methodGroups(twinChoices(methods, draft.spec.method.id));
  if (first === undefined) return null;
  const isOther = draft.twin !== null && !first.list.some(({ id }) => id === draft.twin);
  return (
    <Panel
      title="Also run"
      help={
        'A second run with another method on the same model, pairs, seed and schedule, so that a comparison is one ' +
        'click. It waits until the first has ended.'
      }
    >
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 2, rowGap: 1 }}>
        {first.list.map((twin) => (
          <FormControlLabel
            key={twin.id}
            control={
              <Checkbox
                checked={draft.twin === twin.id}
                slotProps={{ input: { 'data-testid': testIds.wizardTwin(twin.id) } as Record<string, string> }}
                onChange={(event) => dispatch({ kind: 'twin', id: event.target.checked ? twin.id : null })}
              />
            }
            label={`${twin.name} as well`}
          />
        ))}
        {others.length > 0 && (
          <TextField
            select
            label="Another method"
            value={isOther ? draft.twin : ''}
            onChange={(event) => dispatch({ kind: 'twin', id: methodById(event.target.value)?.id ?? null })}
            sx={{ width: 240 }}
            slotProps={{
              select: { displayEmpty: true },
              inputLabel: { shrink: true },
              htmlInput: { 'data-testid': testIds.twinOther },
            }}
          >
            <MenuItem value="">None</MenuItem>
            {others.flatMap(({ id, title, list }) => [
              <ListSubheader key={id}>{title}</ListSubheader>,
              ...list.map((method) => (
                <MenuItem key={method.id} value={method.id}>
                  {method.name}
                </MenuItem>
              )),
            ])}
          </TextField>
        )}
      </Box>
    </Panel>
  );
}
