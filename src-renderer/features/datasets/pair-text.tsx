import { Box, Button, Paper, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { PairText as PairTextRow } from '../../../src-main/shared/data/dataset';

const longText = 420;

/** One pair as it stands in the file. */
export function PairText({ row, prompt, chosen, rejected }: PairTextRow): ReactNode {
  const { data } = useTheme();
  const [isOpen, setOpen] = useState(false);
  const isLong = Math.max(prompt.length, chosen.length, rejected.length) > longText;
  const cut = (text: string): string => (isOpen || text.length <= longText ? text : `${text.slice(0, longText)} …`);
  const side = (label: string, text: string, color: string, soft: string): ReactNode => (
    <Box
      sx={{
        minWidth: 0,
        borderLeft: '3px solid',
        borderColor: color,
        bgcolor: soft,
        borderRadius: '0 6px 6px 0',
        p: '6px 10px',
      }}
    >
      <Typography variant="caption" sx={{ fontWeight: 650, color: 'text.secondary' }}>
        {label}
      </Typography>
      <Typography variant="body2" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {cut(text)}
      </Typography>
    </Box>
  );
  return (
    <Paper variant="outlined" sx={{ p: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1.5, mb: 1 }}>
        <Typography variant="caption" color="textSecondary" sx={{ flex: 'none' }}>
          Row {row}
        </Typography>
        <Typography variant="body2" sx={{ flex: 1, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontWeight: 550 }}>
          {cut(prompt)}
        </Typography>
        {isLong && (
          <Button size="small" onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Less' : 'All text'}
          </Button>
        )}
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 1.5 }}>
        {side('Chosen', chosen, data.chosen, data.chosenSoft)}
        {side('Rejected', rejected, data.rejected, data.rejectedSoft)}
      </Box>
    </Paper>
  );
}
