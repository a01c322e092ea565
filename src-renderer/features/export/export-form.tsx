import { Alert, Box, Button, MenuItem, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ExportView } from '../../../src-main/shared/views/export';
import type { PickedFile } from '../../../src-main/shared/views/library';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAction } from '../../api/use-action';
import { useRequest } from '../../api/use-request';
import { CodeBlock } from '../../components/code-block';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import { dtypeNames, exportFiles, exportProblem, folderNameFor, type ExportChoice } from '../../state/export-words';
import { formatBytes, formatCount } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { testIds } from '../../test-ids';
import { ChoiceCard } from '../wizard/choice-card';
import { ExportResult } from './export-result';

const forms = [
  {
    value: 'merged',
    title: 'Merged model',
    text: 'Complete weights in one folder. Loads anywhere, needs the most disk.',
  },
  {
    value: 'adapter',
    title: 'Adapter only',
    text: 'The LoRA weights for peft, to be put on the same base model. Small.',
  },
] as const;

export function ExportForm({ run, step }: { readonly run: RunView; readonly step: number }): ReactNode {
  const isLora = run.spec.adapter.kind === 'lora';
  const [form, setForm] = useState<ExportChoice['form']>('merged');
  const [dtype, setDtype] = useState<ExportChoice['dtype']>('f16');
  const [folder, setFolder] = useState<PickedFile | null>(null);
  const [name, setName] = useState(() => folderNameFor(run));
  const [result, setResult] = useState<ExportView | null>(null);
  const pick = useAction('files:pick');
  const start = useAction('exports:start');
  const preview = useRequest('exports:preview', { runId: run.id, form, dtype });
  const size = valueOf(preview.data);
  const choose = async (): Promise<void> => {
    const picked = await pick.run({ kind: 'export-folder' });
    if (picked !== undefined && picked !== null) setFolder(picked);
  };
  const submit = async (): Promise<void> => {
    if (folder === null) return;
    setResult(null);
    const done = await start.run({ runId: run.id, form, dtype, folder: folder.token, folderName: name.trim() });
    if (done !== undefined) setResult(done);
  };
  const problem = exportProblem({
    hasFolder: folder !== null,
    name,
    estimatedBytes: size?.estimatedBytes ?? null,
    diskFreeBytes: size?.diskFreeBytes ?? null,
  });
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2.5,
        gridTemplateColumns: { xs: '1fr', lg: 'minmax(0, 1fr) minmax(0, 1fr)' },
        alignItems: 'start',
      }}
    >
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
        <Panel title="What to write" help={`The weights after step ${formatCount(step)}.`}>
          <Box
            role="radiogroup"
            aria-label="Form"
            sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(230px, 1fr))', mb: 2 }}
          >
            {forms
              .filter(({ value }) => value === 'merged' || isLora)
              .map(({ value, title, text }) => (
                <ChoiceCard
                  key={value}
                  isChosen={form === value}
                  onChoose={() => setForm(value)}
                  testId={testIds.exportForm(value)}
                  label={title}
                >
                  <Typography variant="body1" sx={{ fontWeight: 620 }}>
                    {title}
                  </Typography>
                  <Typography variant="body2" color="textSecondary">
                    {text}
                  </Typography>
                </ChoiceCard>
              ))}
          </Box>
          <TextField
            select
            fullWidth
            label="Number format"
            value={dtype}
            onChange={(event) => setDtype(event.target.value as ExportChoice['dtype'])}
            helperText={dtypeNames[dtype].help}
          >
            {(Object.keys(dtypeNames) as readonly ExportChoice['dtype'][]).map((key) => (
              <MenuItem key={key} value={key}>
                {dtypeNames[key].label}
              </MenuItem>
            ))}
          </TextField>
        </Panel>
        <Panel title="Where to">
          <Box sx={{ display: 'grid', gap: 2 }}>
            <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
              <Button
                variant="outlined"
                disabled={pick.isBusy}
                onClick={() => void choose()}
                data-testid={testIds.exportFolder}
              >
                Choose a folder
              </Button>
              <Typography
                variant="body2"
                color={folder === null ? 'textSecondary' : 'textPrimary'}
                noWrap
                title={folder?.displayPath ?? ''}
                sx={{ minWidth: 0 }}
              >
                {folder?.displayPath ?? 'No folder chosen'}
              </Typography>
            </Box>
            <TextField
              label="Name of the new folder"
              value={name}
              onChange={(event) => setName(event.target.value)}
              slotProps={{ htmlInput: { maxLength: 200 } }}
            />
            {pick.error !== null && <ErrorPanel error={pick.error} />}
          </Box>
        </Panel>
        <Panel title="What goes in">
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {exportFiles(form).map(({ name: file, what }) => (
              <Typography component="li" variant="body2" key={file}>
                <b>{file}</b>: {what}
              </Typography>
            ))}
          </Box>
          {size !== null && (
            <Typography
              variant="body2"
              sx={{ mt: 1.25, fontWeight: 600 }}
              color={size.estimatedBytes > size.diskFreeBytes ? 'error' : 'textPrimary'}
            >
              About {formatBytes(size.estimatedBytes)}; {formatBytes(size.diskFreeBytes)} are free on this disk.
            </Typography>
          )}
        </Panel>
        {start.error?.code === 'stopped' && (
          <Alert severity="info" variant="outlined">
            The export was cancelled; nothing half-written was left.
          </Alert>
        )}
        {start.error !== null && start.error.code !== 'stopped' && (
          <ErrorPanel
            title="The export failed; nothing half-written was left"
            error={start.error}
            onRetry={() => void submit()}
          />
        )}
        {start.isBusy && <JobProgress job="export" label="Writing" units="tensors" testId={testIds.exportProgress} />}
        {result !== null ? (
          <ExportResult result={result} />
        ) : (
          <Box sx={{ display: 'flex', alignItems: 'center', justifyContent: 'flex-end', gap: 2 }}>
            {problem !== null && !start.isBusy && (
              <Typography variant="body2" color="textSecondary">
                {problem}
              </Typography>
            )}
            <Button
              variant="contained"
              size="large"
              disabled={problem !== null || start.isBusy}
              onClick={() => void submit()}
              data-testid={testIds.exportStart}
            >
              {start.isBusy ? 'Exporting' : 'Export'}
            </Button>
          </Box>
        )}
      </Box>
      <Panel
        title="Model card"
        help="Written as README.md. It tells readers what was trained and what happened to length."
      >
        <Loaded data={preview.data} onRetry={preview.reload}>
          {({ modelCard }) => <CodeBlock text={modelCard} label="Model card" maxHeight={620} />}
        </Loaded>
      </Panel>
    </Box>
  );
}
