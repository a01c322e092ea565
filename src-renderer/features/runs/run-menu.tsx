import MoreVert from '@mui/icons-material/MoreVert';
import { Divider, IconButton, Menu, MenuItem } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { isActive, isResumable } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAction } from '../../api/use-action';
import { Confirm } from '../../components/confirm';
import { ErrorDialog } from '../../components/error-dialog';
import { ErrorPanel } from '../../components/error-panel';
import { go } from '../../components/use-route';
import { runName } from '../../state/run-words';
import { canExport } from '../export/can-export';
import { RenameDialog } from './rename-dialog';

/** What can be done with a run from its row. */
export function RunMenu({ run, onDeleted }: { readonly run: RunView; readonly onDeleted?: () => void }): ReactNode {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const [isRenaming, setRenaming] = useState(false);
  const remove = useAction('runs:delete');
  const resume = useAction('runs:resume');
  const close = (): void => setAnchor(null);
  const confirmDelete = async (): Promise<void> => {
    if ((await remove.run({ id: run.id })) === undefined) return;
    setDeleting(false);
    onDeleted?.();
  };
  return (
    <>
      <IconButton
        size="small"
        aria-label={`More about ${runName(run)}`}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVert fontSize="small" />
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={close}>
        <MenuItem
          dense
          onClick={() => {
            close();
            go({ page: 'run', id: run.id });
          }}
        >
          Open
        </MenuItem>
        <MenuItem
          dense
          onClick={() => {
            close();
            setRenaming(true);
          }}
        >
          Rename
        </MenuItem>
        <MenuItem
          dense
          disabled={!isResumable(run.status)}
          onClick={() => {
            close();
            void resume.run({ id: run.id });
          }}
        >
          Continue
        </MenuItem>
        <MenuItem
          dense
          disabled={!canExport(run)}
          onClick={() => {
            close();
            go({ page: 'export', id: run.id });
          }}
        >
          Export
        </MenuItem>
        <Divider />
        <MenuItem
          dense
          disabled={isActive(run.status) && run.status !== 'queued'}
          onClick={() => {
            close();
            setDeleting(true);
          }}
          sx={{ color: 'error.main' }}
        >
          Delete
        </MenuItem>
      </Menu>
      <Confirm
        isOpen={isDeleting}
        title={`Delete “${runName(run)}”?`}
        text={
          <>
            Its metrics, answers and checkpoints go for good. Exported models stay where they are.
            {remove.error !== null && <ErrorPanel error={remove.error} />}
          </>
        }
        yes="Delete the run"
        isDanger
        isBusy={remove.isBusy}
        onYes={() => void confirmDelete()}
        onNo={() => setDeleting(false)}
      />
      <ErrorDialog title="The run cannot go on now" error={resume.error} onClose={resume.clearError} />
      {isRenaming && <RenameDialog run={run} onClose={() => setRenaming(false)} />}
    </>
  );
}
