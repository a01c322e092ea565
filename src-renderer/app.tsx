import { CssBaseline, ThemeProvider, useMediaQuery } from '@mui/material';
import { useEffect, useMemo, type ReactNode } from 'react';
import type { Api } from '../src-main/shared/ipc/contract';
import { ApiContext } from './api/api-context';
import { AppStoreProvider, useAppState } from './api/app-store';
import { Boundary } from './components/boundary';
import { useStrayDropsRefused } from './components/drop-zone';
import { useRoute } from './components/use-route';
import { Frame } from './features/frame/frame';
import { Pages } from './features/frame/pages';
import { ClosingScreen } from './features/trouble/closing-screen';
import { DiagnosticsFromMenu } from './features/trouble/diagnostics-dialog';
import { WizardDraftProvider } from './features/wizard/draft-provider';
import { valueOf } from './state/loadable';
import { pageKey } from './state/router';
import { makeTheme } from './theme/theme';

export function App({ api }: { readonly api: Api }): ReactNode {
  return (
    <ApiContext.Provider value={api}>
      <AppStoreProvider>
        <ThemedApp />
      </AppStoreProvider>
    </ApiContext.Provider>
  );
}

function ThemedApp(): ReactNode {
  const choice = valueOf(useAppState().settings)?.theme ?? 'system';
  const prefersDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true });
  const reducedMotion = useMediaQuery('(prefers-reduced-motion: reduce)', { noSsr: true });
  const mode = choice === 'system' ? (prefersDark ? 'dark' : 'light') : choice;
  const theme = useMemo(() => makeTheme(mode, reducedMotion), [mode, reducedMotion]);
  useStrayDropsRefused();
  const route = useRoute();
  const key = pageKey(route);
  useEffect(() => {
    document.getElementById('content')?.scrollTo?.(0, 0);
  }, [key]);
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline enableColorScheme />
      <WizardDraftProvider>
        <ClosingScreen />
        <DiagnosticsFromMenu />
        <Frame>
          <Boundary key={key}>
            <Pages route={route} />
          </Boundary>
        </Frame>
      </WizardDraftProvider>
    </ThemeProvider>
  );
}
