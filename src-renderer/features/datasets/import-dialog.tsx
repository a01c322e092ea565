import FileOpenOutlined from '@mui/icons-material/FileOpenOutlined';
import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, LinearProgress, MenuItem, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ModelId } from '../../../src-main/shared/ids';
import type { AppError } from '../../../src-main/shared/result';
import type { DatasetFormat } from '../../../src-main/shared/run-spec';
import type { DatasetView, PickedFile } from '../../../src-main/shared/views';
import { useAppState } from '../../api/app-store';
import { useApi } from '../../api/api-context';
import { useAction } from '../../api/use-action';
import { settle, useRequest } from '../../api/use-request';
import { DropZone } from '../../components/drop-zone';
import { ErrorPanel } from '../../components/error-panel';
import { formatHelp, formatNames } from '../../state/dataset-words';
import { formatBytes, formatCount, plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { testIds } from '../../test-ids';
import { ImportFindings } from './import-findings';

export interface ImportDialogProps {
  readonly onClose: () => void;
  readonly onDone: (dataset: DatasetView) => void;
}

const formats = Object.keys(formatNames) as readonly (keyof typeof formatNames)[];
const bareName = (file: string): string => file.replace(/\.gz$/i, '').replace(/\.(jsonl?|ndjson)$/i, '');

/** Pick or drop a file, look at what it holds, keep it: nothing is stored before the last step. */
export function ImportDialog({ onClose, onDone }: ImportDialogProps): ReactNode {
  const api = useApi();
  const models = valueOf(useAppState().models) ?? [];
  const pick = useAction('files:pick');
  const add = useAction('datasets:add');
  const [file, setFile] = useState<PickedFile | null>(null);
  const [format, setFormat] = useState<DatasetFormat>('auto');
  const [modelId, setModelId] = useState<ModelId | null>(null);
  const [name, setName] = useState('');
  const [dropError, setDropError] = useState<AppError | null>(null);
  const inspection = useRequest('datasets:inspect', file === null ? null : { token: file.token, format, columns: null, modelId });
  const found = valueOf(inspection.data);
  const isReading = file !== null && (inspection.isStale || inspection.data.status === 'loading');

  const take = (picked: PickedFile): void => {
    setFile(picked);
    setFormat('auto');
    setName(bareName(picked.name));
  };
  const choose = async (): Promise<void> => {
    setDropError(null);
    const picked = await pick.run({ kind: 'dataset' });
    if (picked !== undefined && picked !== null) take(picked);
  };
  const drop = async (dropped: File): Promise<void> => {
    pick.clearError();
    const result = await settle(api.dropped(dropped));
    setDropError(result.ok ? null : result.error);
    if (result.ok) take(result.value);
  };
  const keep = async (): Promise<void> => {
    if (file === null) return;
    const dataset = await add.run({ token: file.token, format: found?.format ?? format, columns: null, name: name.trim(), modelId });
    if (dataset !== undefined) onDone(dataset);
  };

  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth aria-labelledby="import-title">
      <DialogTitle id="import-title" sx={{ fontSize: 18, fontWeight: 620 }}>Import a dataset</DialogTitle>
      <DialogContent sx={{ overflow: 'auto' }}>
        <DropZone label={file === null ? 'Drop the file to look at it' : 'Drop the file to look at it instead'} onFile={(dropped) => void drop(dropped)} onRefused={setDropError}>
          {file === null ? (
            <Box sx={{ border: '1.5px dashed', borderColor: 'divider', borderRadius: 2, p: 4, display: 'grid', gap: 1.5, justifyItems: 'center', textAlign: 'center' }}>
              <FileOpenOutlined sx={{ fontSize: 34, color: 'text.secondary' }} />
              <Typography variant="body1">Drop a file here: JSON or JSONL, also gzipped, one pair a row.</Typography>
              <Button variant="contained" disabled={pick.isBusy} onClick={() => void choose()}>Choose a file</Button>
              <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', color: 'text.secondary' }}>
                {formats.map((key) => (
                  <Typography component="li" variant="body2" key={key}><b>{formatNames[key]}</b>: {formatHelp[key]}</Typography>
                ))}
              </Box>
            </Box>
          ) : (
            <>
              <Box sx={{ display: 'flex', alignItems: 'center', gap: 2 }}>
                <Box sx={{ flex: 1, minWidth: 0 }}>
                  <Typography variant="body1" noWrap title={file.displayPath} sx={{ fontWeight: 600 }}>{file.name}</Typography>
                  <Typography variant="caption" color="textSecondary" noWrap sx={{ display: 'block' }}>{file.displayPath} · {formatBytes(file.bytes)}</Typography>
                </Box>
                <Button onClick={() => void choose()}>Choose another</Button>
              </Box>
              <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: '1fr 1fr 1fr' }}>
                <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 200, 'data-testid': testIds.importName } }} />
                <TextField select label="Format" value={format} onChange={(event) => setFormat(event.target.value as DatasetFormat)} data-testid={testIds.importFormat}
                  helperText={format === 'auto' ? (found === null ? 'Found from the first rows' : `Found: ${formatNames[found.format]}`) : formatHelp[format]}>
                  <MenuItem value="auto">Find by itself</MenuItem>
                  {formats.map((key) => <MenuItem key={key} value={key}>{formatNames[key]}</MenuItem>)}
                </TextField>
                <TextField select label="Measure lengths with" value={modelId ?? ''} onChange={(event) => setModelId(event.target.value === '' ? null : (event.target.value as ModelId))} helperText={modelId === null ? 'In words; a model gives tokens' : 'In tokens of this model'} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
                  <MenuItem value="">No model (words)</MenuItem>
                  {models.map((model) => <MenuItem key={model.id} value={model.id}>{model.name}</MenuItem>)}
                </TextField>
              </Box>
              {isReading && <Box><Typography variant="body2" color="textSecondary" sx={{ mb: 0.75 }}>Reading every row</Typography><LinearProgress aria-label="Reading the file" /></Box>}
              {!isReading && inspection.data.status === 'failed' && <ErrorPanel title="This file cannot be used as it is" error={inspection.data.error} onRetry={inspection.reload} />}
              {!isReading && found !== null && <ImportFindings inspection={found} />}
              {!isReading && found !== null && found.usable === 0 && <Alert severity="warning" variant="outlined">No row can be used in this format. Try another one above, or mend the file.</Alert>}
            </>
          )}
          {dropError !== null && <ErrorPanel title="This cannot be imported" error={dropError} />}
          {pick.error !== null && <ErrorPanel error={pick.error} />}
          {add.error !== null && <ErrorPanel error={add.error} />}
        </DropZone>
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        {found !== null && !isReading && (
          <Typography variant="body2" color="textSecondary" sx={{ flex: 1, pl: 1 }}>
            {formatCount(found.usable)} of {plural(found.rows, 'row')} can be used{found.problems.length > 0 ? '; the others are left out' : ''}.
          </Typography>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" disabled={found === null || found.usable === 0 || isReading || add.isBusy || name.trim() === ''} onClick={() => void keep()} data-testid={testIds.importConfirm}>
          {add.isBusy ? 'Importing' : 'Import'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
