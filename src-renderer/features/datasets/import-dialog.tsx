import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ModelId } from '../../../src-main/shared/ids';
import type { AppError } from '../../../src-main/shared/result';
import type { DatasetColumns, DatasetFormat } from '../../../src-main/shared/spec/run-spec';
import type { DatasetView, PickedFile } from '../../../src-main/shared/views/library';
import { useAppState } from '../../api/app-store';
import { useApi } from '../../api/api-context';
import { useAction } from '../../api/use-action';
import { settle, useRequest } from '../../api/use-request';
import { DropZone } from '../../components/drop-zone';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress, useCancelOnLeave } from '../../components/job-progress';
import { runsOf } from '../../state/app-state';
import { formatBytes, formatCount, plural } from '../../state/format';
import { namedRoles, rolesOf, rolesProblem } from '../../state/import-roles';
import { valueOf } from '../../state/loadable';
import { usualModel } from '../../state/usual-model';
import { testIds } from '../../test-ids';
import { ChooseFile } from './choose-file';
import { ImportFields } from './import-fields';
import { ImportFindings } from './import-findings';
import { RolePicker } from './role-picker';

export interface ImportDialogProps {
  readonly onClose: () => void;
  readonly onDone: (dataset: DatasetView) => void;
}

const bareName = (file: string): string =>
  file.replace(/\.gz$/i, '').replace(/\.(jsonl?|ndjson|csv|tsv|parquet)$/i, '');

/**
 * Pick or drop a file, look at what it holds, say which column is what where the names do not, keep it: nothing is
 * stored before the last step.
 */
export function ImportDialog({ onClose, onDone }: ImportDialogProps): ReactNode {
  const api = useApi();
  const state = useAppState();
  const models = valueOf(state.models) ?? [];
  const pick = useAction('files:pick');
  const add = useAction('datasets:add');
  const [file, setFile] = useState<PickedFile | null>(null);
  const [format, setFormat] = useState<DatasetFormat>('auto');
  const [ownRoles, setOwnRoles] = useState<DatasetColumns | null>(null);
  const [ownModel, setOwnModel] = useState<ModelId | null | undefined>(undefined);
  const [name, setName] = useState('');
  const [dropError, setDropError] = useState<AppError | null>(null);
  const modelId = ownModel === undefined ? usualModel(models, runsOf(state)) : ownModel;

  const looked = useRequest('datasets:columns', file === null ? null : { token: file.token });
  const columns = file !== null && !looked.isStale ? valueOf(looked.data) : null;
  const roles = rolesOf(columns, ownRoles);
  const missing = rolesProblem(roles, columns);
  const isAsked = file !== null && columns !== null && missing === null;
  const inspection = useRequest(
    'datasets:inspect',
    isAsked ? { token: file.token, format, columns: roles, modelId } : null,
    ownRoles === null ? 0 : 300,
  );
  const found = isAsked && !inspection.isStale ? valueOf(inspection.data) : null;
  const isReading = file !== null && (looked.isStale || (isAsked && inspection.isStale));
  useCancelOnLeave('inspect-dataset', isReading || add.isBusy);

  const take = (picked: PickedFile): void => {
    if (isReading) void settle(api.request('jobs:cancel', { job: 'inspect-dataset' }));
    setFile(picked);
    setFormat('auto');
    setOwnRoles(null);
    setName(bareName(picked.name));
    add.clearError();
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
    const dataset = await add.run({
      token: file.token,
      format: found?.format ?? format,
      columns: roles,
      name: name.trim(),
      modelId,
    });
    if (dataset !== undefined) onDone(dataset);
  };
  const reason =
    file === null || isReading || add.isBusy
      ? null
      : (missing ?? (found !== null && name.trim() === '' ? 'Give it a name.' : null));
  const failed =
    !looked.isStale && looked.data.status === 'failed' && file !== null
      ? { error: looked.data.error, again: looked.reload }
      : isAsked && !inspection.isStale && inspection.data.status === 'failed'
        ? { error: inspection.data.error, again: inspection.reload }
        : null;

  return (
    <Dialog
      open
      onClose={onClose}
      maxWidth="md"
      fullWidth
      aria-labelledby="import-title"
      slotProps={{ paper: { sx: { maxHeight: 'calc(100vh - 64px)' } } }}
    >
      <DialogTitle id="import-title" sx={{ fontSize: 18, fontWeight: 620 }}>
        Import a dataset
      </DialogTitle>
      <DialogContent sx={{ overflow: 'auto' }}>
        <DropZone
          label={file === null ? 'Drop the file to look at it' : 'Drop the file to look at it instead'}
          onFile={(dropped) => void drop(dropped)}
          onRefused={setDropError}
        >
          {file === null ? (
            <ChooseFile isBusy={pick.isBusy} onChoose={() => void choose()} />
          ) : (
            <>
              <Box sx={{ display: 'flex', alignItems: 'center', gap: 2 }}>
                <Box sx={{ flex: 1, minWidth: 0 }}>
                  <Typography variant="body1" noWrap title={file.displayPath} sx={{ fontWeight: 600 }}>
                    {file.name}
                  </Typography>
                  <Typography variant="caption" color="textSecondary" noWrap sx={{ display: 'block' }}>
                    {file.displayPath} · {formatBytes(file.bytes)}
                  </Typography>
                </Box>
                <Button disabled={add.isBusy} onClick={() => void choose()}>
                  Choose another
                </Button>
              </Box>
              <ImportFields
                name={name}
                format={format}
                found={found?.format ?? null}
                modelId={modelId}
                models={models}
                onName={setName}
                onFormat={setFormat}
                onModel={setOwnModel}
              />
              {columns !== null &&
                (roles === null ? (
                  <Button
                    size="small"
                    onClick={() => setOwnRoles(namedRoles(columns))}
                    sx={{ justifySelf: 'start', alignSelf: 'flex-start' }}
                    data-testid={testIds.importOwnRoles}
                  >
                    Other columns are meant
                  </Button>
                ) : (
                  <RolePicker file={columns} roles={roles} onChange={setOwnRoles} />
                ))}
              {isReading && (
                <JobProgress
                  job={looked.isStale ? 'dataset-columns' : 'inspect-dataset'}
                  label="Reading every row"
                  units="rows"
                  testId={testIds.importProgress}
                />
              )}
              {!isReading &&
                failed !== null &&
                (failed.error.code === 'stopped' ? (
                  <Alert
                    severity="info"
                    variant="outlined"
                    action={
                      <Button size="small" onClick={failed.again}>
                        Read it
                      </Button>
                    }
                  >
                    Reading was cancelled.
                  </Alert>
                ) : (
                  <ErrorPanel title="This file cannot be used as it is" error={failed.error} onRetry={failed.again} />
                ))}
              {!isReading && found !== null && <ImportFindings inspection={found} />}
              {!isReading && found !== null && found.usable === 0 && (
                <Alert severity="warning" variant="outlined">
                  No row can be used like this. Try another format or other columns, or mend the file.
                </Alert>
              )}
              {add.isBusy && <JobProgress job="inspect-dataset" label="Importing" units="rows" />}
            </>
          )}
          {dropError !== null && <ErrorPanel title="This cannot be imported" error={dropError} />}
          {pick.error !== null && <ErrorPanel error={pick.error} />}
          {add.error !== null && add.error.code !== 'stopped' && (
            <ErrorPanel title="Nothing was imported" error={add.error} />
          )}
        </DropZone>
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        <Typography
          variant="body2"
          color={reason === null ? 'textSecondary' : 'warning'}
          aria-live="polite"
          data-testid={testIds.importReason}
          sx={{ flex: 1, pl: 1 }}
        >
          {reason ??
            (found === null || isReading
              ? ''
              : `${formatCount(found.usable)} of ${plural(found.rows, 'row')} can be ` +
                `used${found.usable < found.rows ? '; the others are left out' : ''}.`)}
        </Typography>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="contained"
          disabled={found === null || found.usable === 0 || isReading || add.isBusy || reason !== null}
          onClick={() => void keep()}
          data-testid={testIds.importConfirm}
        >
          {add.isBusy ? 'Importing' : 'Import'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
