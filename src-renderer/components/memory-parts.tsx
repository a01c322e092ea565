import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { memoryPartWords, type MemoryParts } from '../../src-main/shared/runs/memory-parts';
import { formatBytes } from '../state/format';

/** What the estimate is made of, on demand; each part with a sentence. */
export function MemoryPartsList({ parts }: { readonly parts: MemoryParts }): ReactNode {
  const shown = (Object.keys(memoryPartWords) as (keyof MemoryParts)[]).filter((id) => parts[id] > 0);
  return (
    <Box component="details" sx={{ mt: 0.5 }}>
      <Typography component="summary" variant="caption" sx={{ cursor: 'pointer' }}>
        What takes it
      </Typography>
      <Box component="dl" sx={{ m: 0, mt: 0.5 }}>
        {shown.map((id) => {
          const [label, sentence] = memoryPartWords[id];
          return (
            <Box key={id} sx={{ display: 'grid', gridTemplateColumns: '1fr auto', columnGap: 1, mb: 0.5 }}>
              <Typography component="dt" variant="caption">
                {label}
              </Typography>
              <Typography component="dd" variant="caption" sx={{ m: 0 }}>
                {formatBytes(parts[id])}
              </Typography>
              <Typography component="dd" variant="caption" color="textSecondary" sx={{ m: 0, gridColumn: '1 / -1' }}>
                {sentence}
              </Typography>
            </Box>
          );
        })}
      </Box>
    </Box>
  );
}
