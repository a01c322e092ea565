import { Box, useTheme } from '@mui/material';
import { useMemo, type ReactNode } from 'react';
import { diffWords } from '../state/probe-table';

/** A text with what changed against an earlier one: added words underlined, removed ones struck through and faint. */
export function DiffText({
  before,
  after,
  showRemoved = false,
}: {
  readonly before: string | null;
  readonly after: string;
  readonly showRemoved?: boolean;
}): ReactNode {
  const { data } = useTheme();
  const parts = useMemo(
    () => (before === null ? [{ text: after, kind: 'same' as const }] : diffWords(before, after)),
    [before, after],
  );
  return (
    <Box component="span" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {parts.map((part, index) => {
        if (part.kind === 'same') return <span key={index}>{part.text}</span>;
        if (part.kind === 'added')
          return (
            <Box
              component="ins"
              key={index}
              sx={{
                textDecoration: 'underline',
                textDecorationColor: data.warning,
                textUnderlineOffset: '3px',
                bgcolor: data.warningSoft,
                borderRadius: '3px',
              }}
            >
              {part.text}
            </Box>
          );
        return showRemoved ? (
          <Box component="del" key={index} sx={{ color: data.muted }}>
            {part.text}
          </Box>
        ) : null;
      })}
    </Box>
  );
}
