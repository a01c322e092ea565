import { Alert, Box, Button, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useAction } from '../../api/use-action';
import { useRequest } from '../../api/use-request';
import { CodeBlock } from '../../components/code-block';
import { ErrorPanel } from '../../components/error-panel';
import { Loaded } from '../../components/waiting';
import { specOf } from '../../state/wizard-draft';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';

/**
 * The form's spec as JSON, or as the command that runs it; both are about one file, which is there once it is saved.
 */
export function SpecText({ view }: { readonly view: 'json' | 'command' }): ReactNode {
  const { draft } = useWizardDraft();
  const spec = specOf(draft);
  const text = useRequest('runs:spec-json', spec, 150);
  const save = useAction('runs:save-spec');
  const [saved, setSaved] = useState<string | null>(null);
  if (spec === null)
    return (
      <Typography variant="body2" color="textSecondary">
        Choose model and data first.
      </Typography>
    );
  return (
    <Loaded data={text.data} onRetry={text.reload}>
      {({ json, file, command }) => {
        const isSaved = saved === json;
        const keep = async (): Promise<void> => {
          if ((await save.run(spec)) !== undefined) setSaved(json);
        };
        return (
          <Box sx={{ display: 'grid', gap: 1, justifyItems: 'start', '& > :not(* + *)': { width: '100%' } }}>
            <CodeBlock
              text={view === 'json' ? json : (command ?? '')}
              label={view === 'json' ? 'Run spec as JSON' : 'Command line'}
            />
            {view === 'command' && command !== null && (
              <Typography variant="body2" color="textSecondary">
                In the project’s folder this does what Start does; its file has to be saved first.
              </Typography>
            )}
            <Button
              size="small"
              variant="outlined"
              disabled={save.isBusy || isSaved}
              onClick={() => void keep()}
              data-testid={testIds.wizardSaveSpec}
            >
              {isSaved ? 'Saved' : 'Save the spec'}
            </Button>
            {isSaved && (
              <Alert severity="success" variant="outlined" sx={{ py: 0, overflowWrap: 'anywhere' }}>
                Saved as {file}
              </Alert>
            )}
            {save.error !== null && <ErrorPanel error={save.error} />}
          </Box>
        );
      }}
    </Loaded>
  );
}
