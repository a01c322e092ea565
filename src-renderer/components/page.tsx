import { Box, Link, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { formatRoute, type Route } from '../state/router';
import { testIds } from '../test-ids';

export interface PageProps {
  readonly title: ReactNode;
  readonly crumbs?: readonly { readonly label: string; readonly route: Route }[];
  readonly actions?: ReactNode;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** Title, way back and actions of a page; content up to 1440 px. */
export function Page({ title, crumbs = [], actions, lead, children }: PageProps): ReactNode {
  return (
    <Box
      sx={{
        maxWidth: 1440,
        mx: 'auto',
        px: { xs: 2.5, md: 4 },
        pt: 2.5,
        pb: 5,
        display: 'flex',
        flexDirection: 'column',
        gap: 2.5,
      }}
    >
      <Box component="header">
        {crumbs.length > 0 && (
          <Box component="nav" aria-label="Breadcrumbs" sx={{ mb: 0.25 }}>
            {crumbs.map(({ label, route }) => (
              <Typography key={label} variant="body2" component="span" color="textSecondary">
                <Link href={formatRoute(route)} underline="hover" color="inherit">
                  {label}
                </Link>
                <Box component="span" aria-hidden="true" sx={{ mx: 0.75 }}>
                  /
                </Box>
              </Typography>
            ))}
          </Box>
        )}
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, flexWrap: 'wrap', minHeight: 38 }}>
          <Typography
            variant="h1"
            data-testid={testIds.pageTitle}
            sx={{ flex: '1 1 auto', minWidth: 0, overflowWrap: 'anywhere' }}
          >
            {title}
          </Typography>
          {actions !== undefined && (
            <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>{actions}</Box>
          )}
        </Box>
        {lead !== undefined && (
          <Typography variant="body1" color="textSecondary" sx={{ mt: 0.5, maxWidth: 820 }}>
            {lead}
          </Typography>
        )}
      </Box>
      {children}
    </Box>
  );
}
