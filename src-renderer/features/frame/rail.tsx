import Add from '@mui/icons-material/Add';
import CompareArrows from '@mui/icons-material/CompareArrows';
import DatasetOutlined from '@mui/icons-material/DatasetOutlined';
import HomeOutlined from '@mui/icons-material/HomeOutlined';
import MemoryOutlined from '@mui/icons-material/MemoryOutlined';
import SettingsOutlined from '@mui/icons-material/SettingsOutlined';
import Timeline from '@mui/icons-material/Timeline';
import { Box, ButtonBase, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { useRoute } from '../../components/use-route';
import { formatRoute, railPage, type Route } from '../../state/router';
import { testIds } from '../../test-ids';

const entries = [
  { page: 'start', label: 'Start', Icon: HomeOutlined, route: { page: 'start' } },
  { page: 'datasets', label: 'Datasets', Icon: DatasetOutlined, route: { page: 'datasets' } },
  { page: 'models', label: 'Models', Icon: MemoryOutlined, route: { page: 'models' } },
  { page: 'runs', label: 'Runs', Icon: Timeline, route: { page: 'runs' } },
  { page: 'compare', label: 'Compare', Icon: CompareArrows, route: { page: 'compare', ids: [] } },
] as const satisfies readonly {
  readonly page: string;
  readonly label: string;
  readonly Icon: typeof HomeOutlined;
  readonly route: Route;
}[];

/** Two bars of unequal length, cut to the same height: what SamPO does. */
function Mark(): ReactNode {
  const { data } = useTheme();
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">
      <rect x="4" y="3" width="7" height="20" rx="2" fill={data.chosen} fillOpacity="0.3" />
      <rect x="4" y="12" width="7" height="11" rx="2" fill={data.chosen} />
      <rect x="15" y="12" width="7" height="11" rx="2" fill={data.rejected} />
      <path d="M1.5 12h23" stroke={data.ink} strokeWidth="1.4" strokeDasharray="2 1.6" />
    </svg>
  );
}

export function Rail(): ReactNode {
  const current = railPage(useRoute());
  const settings = {
    page: 'settings',
    label: 'Settings',
    Icon: SettingsOutlined,
    route: { page: 'settings' },
  } as const;
  return (
    <Box
      component="nav"
      aria-label="Pages"
      sx={{
        width: { xs: 84, lg: 196 },
        bgcolor: 'background.paper',
        borderRight: '1px solid',
        borderColor: 'divider',
        display: 'flex',
        flexDirection: 'column',
        p: { xs: '12px 8px', lg: '14px 12px' },
        gap: 0.5,
        overflow: 'auto',
      }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          gap: 1.25,
          px: { xs: 0, lg: 0.75 },
          mb: 1.5,
          justifyContent: { xs: 'center', lg: 'flex-start' },
        }}
      >
        <Mark />
        <Typography
          sx={{ fontWeight: 680, fontSize: 15, letterSpacing: '-0.01em', display: { xs: 'none', lg: 'block' } }}
        >
          SamPO Studio
        </Typography>
      </Box>
      <Entry
        page="new-run"
        label="New run"
        Icon={Add}
        route={{ page: 'new-run' }}
        isCurrent={current === 'new-run'}
        isProminent
      />
      <Box sx={{ height: 6 }} />
      {entries.map((entry) => (
        <Entry key={entry.page} {...entry} isCurrent={current === entry.page} />
      ))}
      <Box sx={{ flex: 1 }} />
      <Entry {...settings} isCurrent={current === 'settings'} />
    </Box>
  );
}

interface EntryProps {
  readonly page: string;
  readonly label: string;
  readonly Icon: typeof HomeOutlined;
  readonly route: Route;
  readonly isCurrent: boolean;
  readonly isProminent?: boolean;
}

function Entry({ page, label, Icon, route, isCurrent, isProminent = false }: EntryProps): ReactNode {
  return (
    <ButtonBase
      component="a"
      href={formatRoute(route)}
      aria-current={isCurrent ? 'page' : undefined}
      data-testid={testIds.nav(page)}
      sx={{
        display: 'flex',
        flexDirection: { xs: 'column', lg: 'row' },
        alignItems: 'center',
        justifyContent: { xs: 'center', lg: 'flex-start' },
        gap: { xs: 0.25, lg: 1.25 },
        px: { xs: 0.5, lg: 1.25 },
        py: { xs: 0.75, lg: 0.9 },
        borderRadius: 1.75,
        width: '100%',
        textAlign: 'center',
        color: isCurrent ? 'text.primary' : 'text.secondary',
        fontSize: { xs: 11.5, lg: 14 },
        fontWeight: isCurrent || isProminent ? 620 : 500,
        lineHeight: 1.3,
        bgcolor: isCurrent ? (theme) => theme.data.neutralSoft : 'transparent',
        ...(isProminent ? { border: '1px solid', borderColor: 'divider', color: 'text.primary' } : {}),
        '&:hover': { bgcolor: (theme) => theme.data.neutralSoft, color: 'text.primary' },
      }}
    >
      <Icon sx={{ fontSize: 20 }} aria-hidden="true" />
      {label}
    </ButtonBase>
  );
}
