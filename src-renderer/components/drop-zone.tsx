import { Box, Typography } from '@mui/material';
import { useEffect, useState, type DragEvent, type ReactNode } from 'react';
import { appError, type AppError } from '../../src-main/shared/result';
import { testIds } from '../test-ids';

export interface DropZoneProps {
  /** What letting go does, shown while a file is over the zone. */
  readonly label: string;
  readonly onFile: (file: File) => void;
  readonly onRefused: (error: AppError) => void;
  readonly children: ReactNode;
}

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');

/** Takes one dropped file. Whatever else is dropped is refused with a reason. */
export function DropZone({ label, onFile, onRefused, children }: DropZoneProps): ReactNode {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent): void => {
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    setOver(true);
  };
  const leave = (event: DragEvent): void => {
    // leaving for a child is no leaving
    if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const [file, ...others] = event.dataTransfer.files;
    if (!carriesFiles(event) || file === undefined)
      return onRefused(
        appError(
          'bad-input',
          'What was dropped is not a file.',
          'Save the text as a JSON or JSONL file first, then drop that file.',
        ),
      );
    if (others.length > 0)
      return onRefused(
        appError(
          'bad-input',
          `${others.length + 1} files were dropped; a dataset is one file.`,
          'Drop them one at a time: each becomes a dataset of its own.',
        ),
      );
    onFile(file);
  };
  return (
    <Box
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={leave}
      onDrop={drop}
      data-testid={testIds.dropZone}
      sx={{ position: 'relative', display: 'flex', flexDirection: 'column', gap: 2 }}
    >
      {children}
      {isOver && (
        <Box
          sx={{
            position: 'absolute',
            inset: 0,
            zIndex: 1,
            borderRadius: 2,
            border: '2px dashed',
            borderColor: 'primary.main',
            bgcolor: (theme) =>
              `color-mix(in srgb, ${theme.palette.background.paper} 88%, ${theme.palette.primary.main})`,
            display: 'grid',
            placeItems: 'center',
            pointerEvents: 'none',
          }}
        >
          <Typography variant="h3" component="p">
            {label}
          </Typography>
        </Box>
      )}
    </Box>
  );
}

/**
 * A file let go outside every zone would otherwise be opened in place of the app; the pointer says that nothing happens
 * there. Once, for the whole page.
 */
export function useStrayDropsRefused(): void {
  useEffect(() => {
    const refuse = (event: globalThis.DragEvent): void => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', refuse);
    window.addEventListener('drop', refuse);
    return () => {
      window.removeEventListener('dragover', refuse);
      window.removeEventListener('drop', refuse);
    };
  }, []);
}
