import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import { Box, Button, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { ExportView } from '../../../src-main/shared/views/export';
import { useAction } from '../../api/use-action';
import { CodeBlock } from '../../components/code-block';
import { ErrorPanel } from '../../components/error-panel';
import { Panel } from '../../components/panel';
import { loadingCode } from '../../state/export-words';
import { formatBytes } from '../../state/format';
import { testIds } from '../../test-ids';

export function ExportResult({ result }: { readonly result: ExportView }): ReactNode {
  const reveal = useAction('app:reveal');
  return (
    <Panel testId={testIds.exportResult}>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'flex-start', mb: 1.5 }}>
        <CheckCircleOutlined sx={{ color: 'success.main' }} aria-hidden="true" />
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography variant="h2" component="h2">
            Exported
          </Typography>
          <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
            {result.path} · {formatBytes(result.bytes)}
          </Typography>
        </Box>
        <Button
          variant="outlined"
          disabled={reveal.isBusy}
          onClick={() => void reveal.run({ what: 'export', id: result.id })}
        >
          Show in folder
        </Button>
      </Box>
      {reveal.error !== null && <ErrorPanel error={reveal.error} />}
      <Typography variant="body2" color="textSecondary" sx={{ mb: 0.75 }}>
        Load it in Python:
      </Typography>
      <CodeBlock text={loadingCode(result)} label="Python that loads the export" isWrapped={false} />
    </Panel>
  );
}
