import Search from '@mui/icons-material/Search';
import { Box, InputAdornment, Pagination, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useRequest } from '../../api/use-request';
import { EmptyState } from '../../components/empty-state';
import { Loaded } from '../../components/waiting';
import { formatCount, plural } from '../../state/format';
import { PairText } from './pair-text';

const pageSize = 20;

export function RowsTab({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);
  const answer = useRequest(
    'datasets:rows',
    { id: dataset.id, offset: page * pageSize, limit: pageSize, search: search.trim() },
    search === '' ? 0 : 250,
  );
  return (
    <>
      <TextField
        placeholder="Search prompts and answers"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setPage(0);
        }}
        sx={{ maxWidth: 420 }}
        slotProps={{
          htmlInput: { 'aria-label': 'Search rows' },
          input: {
            startAdornment: (
              <InputAdornment position="start">
                <Search fontSize="small" />
              </InputAdornment>
            ),
          },
        }}
      />
      <Loaded data={answer.data} onRetry={answer.reload}>
        {({ total, rows }) =>
          total === 0 ? (
            <EmptyState
              title="Nothing found"
              text={search === '' ? 'This dataset has no usable row.' : `No pair contains “${search.trim()}”.`}
            />
          ) : (
            <>
              <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, flexWrap: 'wrap' }}>
                <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }}>
                  {formatCount(page * pageSize + 1)} to {formatCount(Math.min(total, (page + 1) * pageSize))} of{' '}
                  {plural(total, 'pair')}
                </Typography>
                <Pagination
                  size="small"
                  count={Math.ceil(total / pageSize)}
                  page={page + 1}
                  onChange={(_, next) => setPage(next - 1)}
                />
              </Box>
              <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5, opacity: answer.isStale ? 0.6 : 1 }}>
                {rows.map((row) => (
                  <PairText key={row.row} {...row} />
                ))}
              </Box>
            </>
          )
        }
      </Loaded>
    </>
  );
}
