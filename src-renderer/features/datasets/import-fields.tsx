import { Box, MenuItem, TextField } from '@mui/material';
import type { ReactNode } from 'react';
import type { DatasetInspection } from '../../../src-main/shared/data/dataset';
import type { ModelId } from '../../../src-main/shared/ids';
import type { DatasetFormat } from '../../../src-main/shared/spec/run-spec';
import type { ModelView } from '../../../src-main/shared/views/library';
import { formatHelp, formatNames } from '../../state/dataset-words';
import { testIds } from '../../test-ids';

export interface ImportFieldsProps {
  readonly name: string;
  readonly format: DatasetFormat;
  /** The format that the file was read in; null: not read yet. */
  readonly found: DatasetInspection['format'] | null;
  readonly modelId: ModelId | null;
  readonly models: readonly ModelView[];
  readonly onName: (name: string) => void;
  readonly onFormat: (format: DatasetFormat) => void;
  readonly onModel: (id: ModelId | null) => void;
}

const formats = Object.keys(formatNames) as readonly (keyof typeof formatNames)[];

/** How a dataset is called, how its file is read, and what its lengths are counted in. */
export function ImportFields(props: ImportFieldsProps): ReactNode {
  const { name, format, found, modelId, models, onName, onFormat, onModel } = props;
  const foundText = found === null ? 'Found from the first rows' : `Found: ${formatNames[found]}`;
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: '1fr 1fr 1fr' }}>
      <TextField
        label="Name"
        value={name}
        onChange={(event) => onName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 200, 'data-testid': testIds.importName } }}
      />
      <TextField
        select
        label="Format"
        value={format}
        onChange={(event) => onFormat(event.target.value as DatasetFormat)}
        data-testid={testIds.importFormat}
        helperText={format === 'auto' ? foundText : formatHelp[format]}
      >
        <MenuItem value="auto">Find by itself</MenuItem>
        {formats.map((key) => (
          <MenuItem key={key} value={key}>
            {formatNames[key]}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label="Measure lengths with"
        value={modelId ?? ''}
        onChange={(event) => onModel(event.target.value === '' ? null : (event.target.value as ModelId))}
        data-testid={testIds.importModel}
        helperText={modelId === null ? 'In words; a model gives tokens' : 'In tokens of this model'}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">No model (words)</MenuItem>
        {models.map((model) => (
          <MenuItem key={model.id} value={model.id}>
            {model.name}
          </MenuItem>
        ))}
      </TextField>
    </Box>
  );
}
