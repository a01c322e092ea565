import { Box, FormControlLabel, MenuItem, Switch, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { GpuCard, Settings } from '../../../src-main/shared/views/app';
import { formatBytes } from '../../state/format';
import { testIds } from '../../test-ids';

export interface DeviceProps {
  readonly settings: Settings;
  readonly cards: readonly GpuCard[];
  readonly onChange: (change: Partial<Settings>) => void;
}

/** Which device trains; without a card there is nothing to choose. */
export function Device({ settings, cards, onChange }: DeviceProps): ReactNode {
  if (cards.length === 0)
    return (
      <Typography variant="body2" color="textSecondary" sx={{ mb: 2 }}>
        No NVIDIA card was found, so the processor trains.
      </Typography>
    );
  const gone = settings.device.startsWith('gpu:') && !cards.some((card) => settings.device === `gpu:${card.index}`);
  return (
    <Box sx={{ mb: 2 }}>
      <TextField
        select
        fullWidth
        label="Device"
        value={settings.device}
        onChange={(event) => onChange({ device: event.target.value as Settings['device'] })}
        data-testid={testIds.settingsDevice}
        error={gone}
        helperText={
          gone ? 'This card is no longer there: choose another device.' : 'Card memory is taken as it is needed.'
        }
      >
        <MenuItem value="auto">The first card that works, else the processor</MenuItem>
        <MenuItem value="cpu">Processor only</MenuItem>
        {cards.map((card) => (
          <MenuItem key={card.index} value={`gpu:${card.index}`}>
            {card.name}: {formatBytes(card.freeBytes)} of {formatBytes(card.totalBytes)} free, driver {card.driver}
          </MenuItem>
        ))}
        {gone && <MenuItem value={settings.device}>Card {settings.device.slice('gpu:'.length)}</MenuItem>}
      </TextField>
      <FormControlLabel
        sx={{ mt: 1 }}
        control={
          <Switch
            checked={settings.tf32}
            disabled={settings.device === 'cpu'}
            onChange={(event) => onChange({ tf32: event.target.checked })}
            slotProps={{ input: { 'data-testid': testIds.settingsTf32 } as Record<string, string> }}
          />
        }
        label="TF32"
      />
      <Typography variant="body2" color="textSecondary">
        Matrix products with 10 bits of mantissa instead of 23, on cards that have it: several times faster, and results
        differ in the fourth digit.
      </Typography>
    </Box>
  );
}
