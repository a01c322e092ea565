import FileOpenOutlined from '@mui/icons-material/FileOpenOutlined';
import { Box, Button, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { formatHelp, formatNames } from '../../state/dataset-words';

const formats = Object.keys(formatNames) as readonly (keyof typeof formatNames)[];

/** What can be dropped here, before anything has been. */
export function ChooseFile({
  isBusy,
  onChoose,
}: {
  readonly isBusy: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  const frame = {
    border: '1.5px dashed',
    borderColor: 'divider',
    borderRadius: 2,
    p: 4,
    display: 'grid',
    gap: 1.5,
    justifyItems: 'center',
    textAlign: 'center',
  } as const;
  return (
    <Box sx={frame}>
      <FileOpenOutlined sx={{ fontSize: 34, color: 'text.secondary' }} />
      <Typography variant="body1">Drop a file here: JSON or JSONL, also gzipped, one pair a row.</Typography>
      <Button variant="contained" disabled={isBusy} onClick={onChoose}>
        Choose a file
      </Button>
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', color: 'text.secondary' }}>
        {formats.map((key) => (
          <Typography component="li" variant="body2" key={key}>
            <b>{formatNames[key]}</b>: {formatHelp[key]}
          </Typography>
        ))}
        <Typography component="li" variant="body2">
          Columns with other names: you say which is what.
        </Typography>
      </Box>
    </Box>
  );
}
