import { Box, Link } from '@mui/material';
import type { ReactNode } from 'react';
import { Rail } from './rail';
import { StatusBar } from './status-bar';

/** Rail, content, status bar. Only the content scrolls. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Box
      sx={{
        height: '100vh',
        display: 'grid',
        gridTemplateColumns: 'auto minmax(0, 1fr)',
        gridTemplateRows: 'minmax(0, 1fr) auto',
      }}
    >
      <Link
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
        sx={{
          position: 'absolute',
          left: 8,
          top: -60,
          zIndex: 2000,
          bgcolor: 'background.paper',
          p: 1,
          borderRadius: 1,
          '&:focus': { top: 8 },
        }}
      >
        Skip to content
      </Link>
      <Rail />
      <Box component="main" id="content" tabIndex={-1} sx={{ overflow: 'auto', outline: 'none', minWidth: 0 }}>
        {children}
      </Box>
      <StatusBar />
    </Box>
  );
}
