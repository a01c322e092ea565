import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { testIds } from '../test-ids';

export interface EmptyStateProps {
  readonly title: string;
  readonly text: ReactNode;
  readonly action?: ReactNode;
  readonly picture?: ReactNode;
}

export function EmptyState({ title, text, action, picture }: EmptyStateProps): ReactNode {
  return (
    <Box
      data-testid={testIds.emptyState}
      sx={{
        border: '1px dashed',
        borderColor: 'divider',
        borderRadius: 2,
        py: 6,
        px: 3,
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'center',
        textAlign: 'center',
        gap: 1,
      }}
    >
      {picture}
      <Typography variant="h2" component="p">
        {title}
      </Typography>
      <Typography variant="body1" color="textSecondary" sx={{ maxWidth: 520 }}>
        {text}
      </Typography>
      {action !== undefined && (
        <Box sx={{ mt: 1.5, display: 'flex', gap: 1, flexWrap: 'wrap', justifyContent: 'center' }}>{action}</Box>
      )}
    </Box>
  );
}
