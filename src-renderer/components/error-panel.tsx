import { Alert, Box, Button, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { AppError } from '../../src-main/shared/result';
import { testIds } from '../test-ids';
import { copyText } from './copy-text';

export interface ErrorPanelProps {
  readonly error: AppError;
  readonly onRetry?: () => void;
  readonly title?: string;
  readonly action?: ReactNode;
}

/** What happened, what to do, and the details for a report. */
export function ErrorPanel({ error, onRetry, title, action }: ErrorPanelProps): ReactNode {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void copyText(JSON.stringify(error, null, 2)).then(setCopied);
  };
  return (
    <Alert
      severity="error"
      variant="outlined"
      data-testid={testIds.errorPanel}
      sx={{
        bgcolor: (theme) => theme.data.badSoft,
        borderColor: (theme) => theme.data.bad,
        color: 'text.primary',
        '& .MuiAlert-message': { minWidth: 0, flex: 1 },
      }}
    >
      {title !== undefined && (
        <Typography variant="h3" component="p">
          {title}
        </Typography>
      )}
      <Typography variant="body1" sx={{ overflowWrap: 'anywhere' }}>
        {error.message}
      </Typography>
      {error.hint !== '' && (
        <Typography variant="body2" color="textSecondary" sx={{ mt: 0.25, overflowWrap: 'anywhere' }}>
          {error.hint}
        </Typography>
      )}
      <Box sx={{ display: 'flex', gap: 1, mt: 1, flexWrap: 'wrap' }}>
        {action}
        {onRetry !== undefined && (
          <Button size="small" variant="outlined" onClick={onRetry}>
            Try again
          </Button>
        )}
        <Button size="small" onClick={copy}>
          {isCopied ? 'Copied' : 'Copy details'}
        </Button>
      </Box>
    </Alert>
  );
}
