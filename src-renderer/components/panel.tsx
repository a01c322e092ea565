import { Box, Paper, Typography } from '@mui/material';
import type { ReactNode } from 'react';

export interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly help?: ReactNode;
  readonly testId?: string;
  readonly isFlush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, help, testId, isFlush = false, children }: PanelProps): ReactNode {
  return (
    <Paper
      component="section"
      variant="outlined"
      data-testid={testId}
      sx={{ p: isFlush ? 0 : '16px 18px', minWidth: 0, overflow: isFlush ? 'hidden' : 'visible' }}
    >
      {(title !== undefined || actions !== undefined) && (
        <Box
          sx={{
            display: 'flex',
            alignItems: 'flex-start',
            gap: 2,
            mb: isFlush ? 0 : 1.25,
            p: isFlush ? '14px 18px 10px' : 0,
            flexWrap: 'wrap',
          }}
        >
          <Box sx={{ flex: '1 1 240px', minWidth: 0 }}>
            {title !== undefined && (
              <Typography variant="h2" component="h2">
                {title}
              </Typography>
            )}
            {help !== undefined && (
              <Typography variant="body2" color="textSecondary">
                {help}
              </Typography>
            )}
          </Box>
          {actions}
        </Box>
      )}
      {children}
    </Paper>
  );
}
