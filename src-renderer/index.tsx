import './zod-without-eval';
import { CacheProvider } from '@emotion/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { bridge } from './api/bridge';
import { App } from './app';
import { createStyleCache } from './theme/style-cache';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <CacheProvider value={createStyleCache()}>
      <App api={bridge()} />
    </CacheProvider>
  </StrictMode>,
);
