import ExpandMore from '@mui/icons-material/ExpandMore';
import Search from '@mui/icons-material/Search';
import { Box, ButtonBase, InputAdornment, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { MethodEntry, MethodId } from '../../../src-main/shared/catalogue/method-catalogue';
import { methodGroups, searchMethods, type MethodGroup } from '../../state/method-words';
import { testIds } from '../../test-ids';
import { MethodCard } from './method-card';

export interface MethodPickerProps {
  readonly methods: readonly MethodEntry[];
  readonly chosenId: string;
  readonly onChoose: (id: MethodId) => void;
}

/** SamPO and DPO in full, then families that unfold; a search unfolds what it finds. */
export function MethodPicker({ methods, chosenId, onChoose }: MethodPickerProps): ReactNode {
  const [search, setSearch] = useState('');
  const groups = methodGroups(methods);
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(groups.filter(({ list }) => list.some(({ id }) => id === chosenId)).map(({ id }) => id)),
  );
  const isSearching = search.trim() !== '';
  const found = methodGroups(searchMethods(methods, search));
  const toggle = (id: string): void =>
    setOpen((now) => new Set(now.has(id) ? [...now].filter((other) => other !== id) : [...now, id]));
  return (
    <>
      <TextField
        fullWidth
        placeholder={`Search ${methods.length} methods by name, paper or purpose`}
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        sx={{ mb: 1.5 }}
        slotProps={{
          htmlInput: { 'aria-label': 'Search methods', 'data-testid': testIds.methodSearch },
          input: {
            startAdornment: (
              <InputAdornment position="start">
                <Search fontSize="small" />
              </InputAdornment>
            ),
          },
        }}
      />
      <Box role="radiogroup" aria-label="Method" sx={{ display: 'grid', gap: 1.25 }}>
        {(isSearching ? found : groups).map((group) => {
          const isOpen = isSearching || group.id === 'first' || open.has(group.id);
          return (
            <Box key={group.id}>
              {group.id !== 'first' && (
                <GroupHead group={group} isOpen={isOpen} isFixed={isSearching} onToggle={() => toggle(group.id)} />
              )}
              {isOpen && (
                <Box
                  sx={{
                    display: 'grid',
                    gap: 1.25,
                    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 280px), 1fr))',
                    mt: group.id === 'first' ? 0 : 0.5,
                    mb: group.id === 'first' ? 0.5 : 1,
                  }}
                >
                  {group.list.map((method) => (
                    <MethodCard
                      key={method.id}
                      method={method}
                      isChosen={method.id === chosenId}
                      onChoose={() => onChoose(method.id)}
                    />
                  ))}
                </Box>
              )}
            </Box>
          );
        })}
        {isSearching && found.length === 0 && (
          <Typography variant="body2" color="textSecondary">
            No method has “{search.trim()}” in its name, paper or description.
          </Typography>
        )}
      </Box>
    </>
  );
}

interface GroupHeadProps {
  readonly group: MethodGroup;
  readonly isOpen: boolean;
  readonly isFixed: boolean;
  readonly onToggle: () => void;
}

function GroupHead({ group, isOpen, isFixed, onToggle }: GroupHeadProps): ReactNode {
  return (
    <ButtonBase
      onClick={onToggle}
      disabled={isFixed}
      aria-expanded={isOpen}
      data-testid={testIds.methodGroup(group.id)}
      sx={{
        width: '100%',
        display: 'flex',
        justifyContent: 'flex-start',
        textAlign: 'left',
        gap: 1,
        p: '7px 8px',
        borderRadius: 1.5,
        '&:hover': { bgcolor: (theme) => theme.data.neutralSoft },
      }}
    >
      <ExpandMore
        aria-hidden="true"
        sx={{
          fontSize: 20,
          color: 'text.secondary',
          flex: 'none',
          transform: isOpen ? 'none' : 'rotate(-90deg)',
          visibility: isFixed ? 'hidden' : 'visible',
        }}
      />
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <Typography variant="body1" component="span" sx={{ fontWeight: 620, mr: 1 }}>
          {group.title}
        </Typography>
        <Typography variant="body2" component="span" color="textSecondary">
          {group.list.length}
        </Typography>
        <Typography variant="body2" color="textSecondary">
          {isOpen ? `${group.help}.` : group.list.map(({ name }) => name).join(' · ')}
        </Typography>
      </Box>
    </ButtonBase>
  );
}
