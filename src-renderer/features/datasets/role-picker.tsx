import { Box, MenuItem, Paper, TextField, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { FileColumns } from '../../../src-main/shared/data/dataset';
import { columnRoles, type ColumnRole, type DatasetColumns } from '../../../src-main/shared/spec/run-spec';
import { isRequired, roleNames, rolePreview, withRole } from '../../state/import-roles';
import { testIds } from '../../test-ids';

export interface RolePickerProps {
  readonly file: FileColumns;
  readonly roles: DatasetColumns;
  readonly onChange: (roles: DatasetColumns) => void;
}

/** Which column is what, with the first rows as pairs below, so that a mistake shows at once. */
export function RolePicker({ file, roles, onChange }: RolePickerProps): ReactNode {
  return (
    <Box data-testid={testIds.importRoles} sx={{ display: 'grid', gap: 1.5 }}>
      <Box>
        <Typography variant="h3" component="h3">
          Which column is what?
        </Typography>
        <Typography variant="body2" color="textSecondary">
          The file has {file.columns.map(({ name }) => `“${name}”`).join(', ')}.
        </Typography>
      </Box>
      <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'repeat(auto-fit, minmax(170px, 1fr))' }}>
        {columnRoles.map((role) => (
          <RoleField key={role} role={role} file={file} roles={roles} onChange={onChange} />
        ))}
      </Box>
      <Preview file={file} roles={roles} />
    </Box>
  );
}

function RoleField({ role, file, roles, onChange }: RolePickerProps & { readonly role: ColumnRole }): ReactNode {
  const needed = isRequired(role, roles, file);
  return (
    <TextField
      select
      label={roleNames[role]}
      value={roles[role] ?? ''}
      required={needed}
      onChange={(event) => onChange(withRole(roles, role, event.target.value === '' ? null : event.target.value))}
      data-testid={testIds.importRole(role)}
      helperText={needed ? ' ' : 'May be left out'}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">{needed ? 'Choose a column' : 'None'}</MenuItem>
      {file.columns.map(({ name, holds }) => (
        <MenuItem key={name} value={name}>
          {name}
          {holds === 'text' ? '' : ` (${holds})`}
        </MenuItem>
      ))}
    </TextField>
  );
}

const colors = { chosen: 'chosenText', rejected: 'rejectedText' } as const;

function Preview({ file, roles }: Pick<RolePickerProps, 'file' | 'roles'>): ReactNode {
  return (
    <Box aria-label="The first rows under these roles" sx={{ display: 'grid', gap: 1 }}>
      {rolePreview(roles, file).map((pair, i) => (
        <Paper
          key={i}
          variant="outlined"
          sx={{ p: 1.25, display: 'grid', gap: 0.5, gridTemplateColumns: '110px minmax(0, 1fr)' }}
        >
          {columnRoles
            .filter((role) => role !== 'system' || pair.system !== undefined)
            .map((role) => (
              <Box key={role} sx={{ display: 'contents' }}>
                <Typography variant="caption" color="textSecondary">
                  {roleNames[role]}
                </Typography>
                <Typography
                  variant="body2"
                  sx={{
                    overflowWrap: 'anywhere',
                    whiteSpace: 'pre-wrap',
                    color: (theme) =>
                      role in colors ? theme.data[colors[role as keyof typeof colors]] : 'text.primary',
                  }}
                >
                  {pair[role] === undefined || pair[role] === '' ? '–' : pair[role]}
                </Typography>
              </Box>
            ))}
        </Paper>
      ))}
    </Box>
  );
}
