import Add from '@mui/icons-material/Add';
import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import {
  Alert,
  Box,
  Button,
  Chip,
  IconButton,
  Menu,
  MenuItem,
  Table,
  TableCell,
  TableHead,
  TableRow,
  Tooltip,
  Typography,
} from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ModelView } from '../../../src-main/shared/views/library';
import { useAppState, useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { Confirm } from '../../components/confirm';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { Page } from '../../components/page';
import { visuallyHidden } from '../../components/visually-hidden';
import { Panel } from '../../components/panel';
import { WindowedRows } from '../../components/windowed-rows';
import { Loaded } from '../../components/waiting';
import { formatBytes, formatCount, formatParameters } from '../../state/format';
import { testIds } from '../../test-ids';
import { useAddModel } from './use-add-model';

const familyNames: Readonly<Record<string, string>> = { llama: 'Llama family', gpt_neox: 'GPT-NeoX' };
const familyName = ({ family }: Pick<ModelView, 'family'>): string => familyNames[family] ?? family;

export function ModelsPage(): ReactNode {
  const { models } = useAppState();
  const reload = useReload();
  const add = useAddModel();
  return (
    <Page
      title="Models"
      lead={
        'Models stay where they are; the list only remembers their place. A Hugging Face folder (config.json, ' +
        'safetensors, tokenizer.json) or a GGUF file of the Llama family can be trained.'
      }
      actions={<AddButton add={add} />}
    >
      {add.isBusy && (
        <JobProgress job="inspect-model" label="Reading the model’s files" testId={testIds.modelProgress} />
      )}
      {add.error !== null && add.error.code !== 'stopped' && (
        <ErrorPanel title="This model cannot be used" error={add.error} />
      )}
      {add.added !== null && (
        <Alert severity="success" variant="outlined" onClose={add.clear}>
          {add.added.name} was added: {formatParameters(add.added.parameters)} parameters, {familyName(add.added)}.
        </Alert>
      )}
      <Loaded data={models} onRetry={() => reload('models')}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState
              title="No models yet"
              text="Add a folder as it comes from the Hugging Face Hub, or a GGUF file. Nothing is copied or downloaded."
              action={<AddButton add={add} />}
            />
          ) : (
            <Panel isFlush>
              <ModelTable models={list} />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function AddButton({ add }: { readonly add: ReturnType<typeof useAddModel> }): ReactNode {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const pick = (kind: 'model-folder' | 'model-file'): void => {
    setAnchor(null);
    void add.pick(kind);
  };
  return (
    <>
      <Button
        variant="contained"
        startIcon={<Add />}
        aria-haspopup="menu"
        disabled={add.isBusy}
        onClick={(event) => setAnchor(event.currentTarget)}
        data-testid={testIds.addModel}
      >
        Add a model
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        <MenuItem onClick={() => pick('model-folder')} data-testid={testIds.addModelFolder}>
          Hugging Face folder
        </MenuItem>
        <MenuItem onClick={() => pick('model-file')} data-testid={testIds.addModelFile}>
          GGUF file
        </MenuItem>
      </Menu>
    </>
  );
}

const idOf = ({ id }: ModelView): string => id;

function ModelTable({ models }: { readonly models: readonly ModelView[] }): ReactNode {
  const [removing, setRemoving] = useState<ModelView | null>(null);
  const remove = useAction('models:remove');
  const confirm = async (): Promise<void> => {
    if (removing !== null && (await remove.run({ id: removing.id })) !== undefined) setRemoving(null);
  };
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table aria-label="Models" sx={{ tableLayout: 'fixed', minWidth: 700 }}>
        <TableHead>
          <TableRow>
            <TableCell>Model</TableCell>
            <TableCell align="right" sx={{ width: 100 }}>
              Parameters
            </TableCell>
            <TableCell sx={{ width: { xs: 140, lg: 170 } }}>Family</TableCell>
            <TableCell align="right" sx={{ width: 120 }}>
              Reads at most
            </TableCell>
            <TableCell sx={{ width: { xs: 130, lg: 150 } }}>Files</TableCell>
            <TableCell sx={{ width: 52 }}>
              <span style={visuallyHidden}>Actions</span>
            </TableCell>
          </TableRow>
        </TableHead>
        <WindowedRows items={models} keyOf={idOf} rowHeight={58}>
          {(model, row) => (
            <TableRow {...row} hover data-testid={testIds.modelRow(model.name)}>
              <TableCell>
                <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minWidth: 0 }}>
                  <Typography variant="body2" noWrap title={model.name} sx={{ fontWeight: 600 }}>
                    {model.name}
                  </Typography>
                  {model.starter && <Chip size="small" label="Starter" />}
                </Box>
                <Typography variant="caption" color="textSecondary" noWrap title={model.path} sx={{ display: 'block' }}>
                  {model.path}
                </Typography>
                {model.notes?.map((note) => (
                  <Typography
                    key={note}
                    variant="caption"
                    color="textSecondary"
                    sx={{ display: 'block', overflowWrap: 'anywhere' }}
                  >
                    {note}
                  </Typography>
                ))}
                {!model.hasChatTemplate && (
                  <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
                    No chat template: only data with plain text prompts.
                  </Typography>
                )}
              </TableCell>
              <TableCell align="right" title={`${formatCount(model.parameters)} parameters`}>
                {formatParameters(model.parameters)}
              </TableCell>
              <TableCell>
                {familyName(model)}
                <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
                  {model.layers} layers, width {formatCount(model.width)}
                </Typography>
              </TableCell>
              <TableCell align="right">{formatCount(model.contextLength)} tokens</TableCell>
              <TableCell>
                {model.source === 'gguf' ? 'GGUF' : 'safetensors'} {model.weightTypes.slice(0, 2).join(', ')}
                <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
                  {formatBytes(model.bytes)}
                </Typography>
              </TableCell>
              <TableCell align="right" sx={{ px: 0.5 }}>
                {!model.starter && (
                  <Tooltip title="Remove from the list">
                    <IconButton
                      size="small"
                      aria-label={`Remove ${model.name} from the list`}
                      onClick={() => setRemoving(model)}
                    >
                      <DeleteOutlined fontSize="small" />
                    </IconButton>
                  </Tooltip>
                )}
              </TableCell>
            </TableRow>
          )}
        </WindowedRows>
      </Table>
      <Confirm
        isOpen={removing !== null}
        title={`Remove “${removing?.name ?? ''}” from the list?`}
        text={
          <>
            The files stay where they are. Runs that used it keep their results.
            {remove.error !== null && <ErrorPanel error={remove.error} />}
          </>
        }
        yes="Remove"
        isBusy={remove.isBusy}
        onYes={() => void confirm()}
        onNo={() => setRemoving(null)}
      />
    </Box>
  );
}
