import { Box, Skeleton } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunId } from '../../../src-main/shared/ids';
import { appError } from '../../../src-main/shared/result';
import { useRequest } from '../../api/use-request';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { Loaded } from '../../components/waiting';
import { runName } from '../../state/run-words';
import { canExport } from './can-export';
import { ExportForm } from './export-form';

export function ExportPage({ id }: { readonly id: RunId }): ReactNode {
  const detail = useRequest('runs:get', { id });
  const name = detail.data.status === 'ready' ? runName(detail.data.value.run) : 'Run';
  return (
    <Page
      title="Export"
      crumbs={[
        { label: 'Runs', route: { page: 'runs' } },
        { label: name, route: { page: 'run', id } },
      ]}
      lead="Writes the trained model as a folder that transformers, peft and the Hugging Face Hub understand. Nothing leaves this machine."
    >
      <Loaded
        data={detail.data}
        onRetry={detail.reload}
        skeleton={
          <Box sx={{ display: 'grid', gap: 2 }}>
            <Skeleton variant="rounded" height={180} />
            <Skeleton variant="rounded" height={300} />
          </Box>
        }
      >
        {({ run, checkpoints }) =>
          canExport(run) ? (
            <ExportForm run={run} step={checkpoints.at(-1)?.step ?? run.progress.step} />
          ) : (
            <ErrorPanel
              error={appError(
                'bad-input',
                'This run has no weights to export yet.',
                run.progress.step === 0
                  ? 'It ended before its first step.'
                  : 'Wait until it has finished, or stop it first.',
              )}
            />
          )
        }
      </Loaded>
    </Page>
  );
}
