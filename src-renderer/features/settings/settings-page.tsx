import {
  Alert,
  Box,
  Button,
  FormControlLabel,
  LinearProgress,
  MenuItem,
  Radio,
  RadioGroup,
  TextField,
  Typography,
} from '@mui/material';
import type { ReactNode } from 'react';
import { largest } from '../../../src-main/shared/extremes';
import type { AppInfo, Settings } from '../../../src-main/shared/views/app';
import { useAppState, useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/key-value';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import { formatBytes } from '../../state/format';
import { testIds } from '../../test-ids';
import { Device } from './device';
import { Doctor } from './doctor';
import { Trouble } from './trouble';

const themes = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

const engines = [
  { value: 'auto', label: 'The fastest that works' },
  { value: 'tensorflow', label: 'TensorFlow only' },
  { value: 'wasm', label: 'WebAssembly (slower, needs nothing installed)' },
] as const;

export function SettingsPage(): ReactNode {
  const { info, settings } = useAppState();
  const reload = useReload();
  const set = useAction('settings:set');
  const change = async (next: Partial<Settings>): Promise<void> => {
    if ((await set.run(next)) !== undefined) {
      reload('settings');
      reload('info');
    }
  };
  return (
    <Page title="Settings">
      {set.error !== null && <ErrorPanel error={set.error} />}
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '1fr 1fr' }, alignItems: 'start' }}>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2.5, minWidth: 0 }}>
          <Panel title="Appearance">
            <Loaded data={settings} onRetry={() => reload('settings')}>
              {(value) => (
                <RadioGroup
                  row
                  value={value.theme}
                  aria-label="Theme"
                  onChange={(event) => void change({ theme: event.target.value as Settings['theme'] })}
                >
                  {themes.map(({ value: theme, label }) => (
                    <FormControlLabel
                      key={theme}
                      value={theme}
                      control={
                        <Radio
                          size="small"
                          slotProps={{
                            input: { 'data-testid': testIds.settingsTheme(theme) } as Record<string, string>,
                          }}
                        />
                      }
                      label={label}
                    />
                  ))}
                </RadioGroup>
              )}
            </Loaded>
          </Panel>
          <Panel title="Engine" help="What does the arithmetic of training. A change applies to the next run.">
            <Loaded data={settings} onRetry={() => reload('settings')}>
              {(value) => (
                <TextField
                  select
                  fullWidth
                  label="Engine"
                  value={value.engine}
                  onChange={(event) => void change({ engine: event.target.value as Settings['engine'] })}
                  data-testid={testIds.settingsEngine}
                  sx={{ mb: 2, mt: 0.5 }}
                >
                  {engines.map(({ value: engine, label }) => (
                    <MenuItem key={engine} value={engine}>
                      {label}
                    </MenuItem>
                  ))}
                </TextField>
              )}
            </Loaded>
            {settings.status === 'ready' && info.status === 'ready' && (
              <Device settings={settings.value} cards={info.value.cards} onChange={(next) => void change(next)} />
            )}
            {info.status === 'ready' && info.value.engineReason !== null && (
              <Alert severity="warning" variant="outlined" sx={{ mb: 2 }}>
                {info.value.engineReason}
              </Alert>
            )}
            <Doctor />
          </Panel>
          <Trouble />
        </Box>
        <Loaded data={info} onRetry={() => reload('info')}>
          {(value) => <About info={value} />}
        </Loaded>
      </Box>
    </Page>
  );
}

function About({ info }: { readonly info: AppInfo }): ReactNode {
  const reveal = useAction('app:reveal');
  const total = info.folders.reduce((sum, folder) => sum + folder.bytes, 0);
  const most = Math.max(1, largest(info.folders, (folder) => folder.bytes) ?? 0);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2.5, minWidth: 0 }}>
      <Panel
        title="Folders"
        help={`${formatBytes(total)} in use, ${formatBytes(info.diskFreeBytes)} free.`}
        actions={
          <Button
            size="small"
            variant="outlined"
            disabled={reveal.isBusy}
            onClick={() => void reveal.run({ what: 'home', id: null })}
          >
            Show the folder
          </Button>
        }
      >
        {reveal.error !== null && <ErrorPanel error={reveal.error} />}
        {info.folders.map((folder) => (
          <Box key={folder.path} sx={{ py: 0.75 }}>
            <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'baseline' }}>
              <Typography variant="body2" sx={{ fontWeight: 600, flex: 1 }}>
                {folder.name}
              </Typography>
              <Typography variant="body2">{formatBytes(folder.bytes)}</Typography>
            </Box>
            <LinearProgress
              variant="determinate"
              value={(100 * folder.bytes) / most}
              aria-label={`Size of ${folder.name}`}
              sx={{ my: 0.5 }}
            />
            <Typography variant="caption" color="textSecondary" noWrap title={folder.path} sx={{ display: 'block' }}>
              {folder.path}
            </Typography>
          </Box>
        ))}
      </Panel>
      <Panel title="Privacy">
        <Typography variant="body2">
          Data, models, runs and answers stay on this machine. The app sends nothing anywhere, asks for no account and
          measures no use.
        </Typography>
      </Panel>
      <Panel title="About">
        <Facts
          facts={[
            { label: 'SamPO Studio', value: info.version },
            { label: 'Electron', value: `${info.electron} (${info.runtimeSource})` },
            { label: 'State', value: info.home },
            { label: 'Licence', value: 'Apache-2.0; the licences of its parts are in the app’s folder' },
            { label: 'Method', value: 'SamPO: Lu et al. 2024, arXiv 2406.10957' },
          ]}
        />
      </Panel>
    </Box>
  );
}
