import Search from '@mui/icons-material/Search';
import { InputAdornment, TextField } from '@mui/material';
import type { ReactNode } from 'react';
import { testIds } from '../../test-ids';

export interface RunSearchProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export const RunSearch = ({ value, onChange }: RunSearchProps): ReactNode => (
  <TextField
    placeholder="Name, model, data"
    value={value}
    onChange={(event) => onChange(event.target.value)}
    sx={{ width: 230 }}
    slotProps={{
      htmlInput: { 'aria-label': 'Search runs', 'data-testid': testIds.runsSearch },
      input: {
        startAdornment: (
          <InputAdornment position="start">
            <Search fontSize="small" />
          </InputAdornment>
        ),
      },
    }}
  />
);
