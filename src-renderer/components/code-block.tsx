import { Box, Button } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { monoFamily } from '../theme/theme';
import { copyText } from './copy-text';

export function CodeBlock({
  text,
  label,
  maxHeight = 360,
  isWrapped = true,
}: {
  readonly text: string;
  readonly label: string;
  readonly isWrapped?: boolean;
  readonly maxHeight?: number;
}): ReactNode {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void copyText(text).then((done) => {
      setCopied(done);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  return (
    <Box
      sx={{
        position: 'relative',
        border: '1px solid',
        borderColor: 'divider',
        borderRadius: 1,
        bgcolor: 'background.default',
      }}
    >
      <Box
        component="pre"
        tabIndex={0}
        aria-label={label}
        sx={{
          m: 0,
          p: 1.5,
          pr: 11,
          maxHeight,
          overflow: 'auto',
          fontFamily: monoFamily,
          fontSize: 12.5,
          lineHeight: 1.55,
          ...(isWrapped ? { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } : { whiteSpace: 'pre', pt: 4.5 }),
        }}
      >
        {text}
      </Box>
      <Button
        size="small"
        onClick={copy}
        sx={{ position: 'absolute', top: 4, right: 16, bgcolor: 'background.default' }}
      >
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </Box>
  );
}
