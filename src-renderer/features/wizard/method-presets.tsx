import { Box, Chip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { MethodEntry } from '../../../src-main/shared/catalogue/method-catalogue';
import { presetState, presetWords } from '../../state/wizard-presets';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';

/** Published settings, one click each, and what was changed since. */
export function MethodPresets({ method }: { readonly method: MethodEntry }): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const state = presetState(draft);
  const choices = [{ id: null, name: 'Defaults' }, ...method.presets];
  return (
    <Box sx={{ mb: 2 }}>
      <Box
        role="group"
        aria-label="Presets"
        sx={{ display: 'flex', gap: 0.75, flexWrap: 'wrap', alignItems: 'center' }}
      >
        <Typography variant="body2" color="textSecondary" sx={{ mr: 0.5 }}>
          Presets
        </Typography>
        {choices.map(({ id, name }) => {
          const isActive = state !== null && state.preset.id === id;
          return (
            <Chip
              key={name}
              size="small"
              label={name}
              variant={isActive ? 'filled' : 'outlined'}
              color={isActive ? 'primary' : 'default'}
              aria-pressed={isActive}
              onClick={() => dispatch({ kind: 'preset', id })}
              data-testid={testIds.methodPreset(id ?? 'defaults')}
            />
          );
        })}
      </Box>
      <Typography
        variant="caption"
        color="textSecondary"
        component="p"
        data-testid={testIds.methodPresetState}
        aria-live="polite"
        sx={{ mt: 0.75 }}
      >
        {state === null ? (
          'Published settings; they also set how the training goes.'
        ) : (
          <>
            <Box component="span" sx={{ color: 'text.primary', fontWeight: 600 }}>
              Preset {state.preset.name}
              {state.changes.length > 0 ? `, changed: ${state.changes.join(', ')}` : ''}.
            </Box>{' '}
            Sets {presetWords(state.preset)}. Source: {state.preset.source}.
          </>
        )}
      </Typography>
    </Box>
  );
}
