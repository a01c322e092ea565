import './zod-without-eval';
import { CacheProvider } from '@emotion/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { consoleSink, log, logTo } from '../src-main/shared/log';
import { bridge } from './api/bridge';
import { App } from './app';
import { createStyleCache } from './theme/style-cache';

logTo(consoleSink, 'debug');

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root, { onCaughtError: (thrown) => log.error('page', 'a part could not be shown', thrown) }).render(
  <StrictMode>
    <CacheProvider value={createStyleCache()}>
      <App api={bridge()} />
    </CacheProvider>
  </StrictMode>,
);
