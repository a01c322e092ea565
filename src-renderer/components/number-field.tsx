import { InputAdornment, TextField } from '@mui/material';
import { useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';
import { testIds } from '../test-ids';

export interface NumberFieldProps {
  readonly label: string;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly help?: ReactNode;
  readonly error?: string | null;
  readonly unit?: string;
  readonly isWhole?: boolean;
  /** Shown while empty; without it an empty field is not a number. */
  readonly nullText?: string;
  /** The value is a share, the text percent. */
  readonly isPercent?: boolean;
  readonly width?: number | string;
  readonly path?: string;
  /** What an arrow key adds. */
  readonly step?: number;
  /** Where arrow keys end. */
  readonly range?: { readonly min: number; readonly max: number };
}

const toText = (value: number | null, isPercent: boolean): string => {
  if (value === null || Number.isNaN(value)) return '';
  if (isPercent) return String(Number((value * 100).toPrecision(10)));
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace('e+', 'e') : String(value);
};

export function parseNumber(text: string, isWhole: boolean): number {
  const tidy = text
    .trim()
    .replace(/[\s\u202f,](?=\d{3}(\D|$))/g, '')
    .replace(',', '.')
    .replace('−', '-');
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(tidy)) return Number.NaN;
  const value = Number(tidy);
  return isWhole && !Number.isInteger(value) ? Number.NaN : value;
}

/** One step further, without the digits that binary fractions leave behind. */
function stepped(value: number, by: number, range: NumberFieldProps['range']): number {
  const next = Number((value + by).toPrecision(10));
  return range === undefined ? next : Math.min(range.max, Math.max(range.min, next));
}

/** A number as people type it (4e-7, 0.1, 10 %). Keeps the typed text until it is left, so that "0." survives. */
export function NumberField(props: NumberFieldProps): ReactNode {
  const { value, onChange, isWhole = false, isPercent = false, nullText, width = '100%' } = props;
  const [text, setText] = useState(() => toText(value, isPercent));
  const [isEditing, setEditing] = useState(false);
  useEffect(() => {
    if (!isEditing) setText(toText(value, isPercent));
  }, [value, isPercent, isEditing]);
  const change = (next: string): void => {
    setText(next);
    if (next.trim() === '') onChange(nullText === undefined ? Number.NaN : null);
    else {
      const number = parseNumber(next, isWhole);
      onChange(isPercent ? Number((number / 100).toPrecision(10)) : number);
    }
  };
  const onArrow = (event: KeyboardEvent): void => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (direction === 0 || props.step === undefined || value === null || Number.isNaN(value)) return;
    event.preventDefault();
    const next = stepped(value, direction * props.step, props.range);
    setText(toText(next, isPercent));
    onChange(next);
  };
  const hasError = props.error !== null && props.error !== undefined;
  return (
    <TextField
      label={props.label}
      value={text}
      error={hasError}
      helperText={hasError ? props.error : props.help}
      onFocus={() => setEditing(true)}
      onBlur={() => setEditing(false)}
      onKeyDown={onArrow}
      onChange={(event) => change(event.target.value)}
      {...(nullText === undefined ? {} : { placeholder: nullText })}
      sx={{ width }}
      slotProps={{
        htmlInput: {
          inputMode: 'decimal',
          ...(props.path === undefined ? {} : { 'data-testid': testIds.wizardField(props.path) }),
        },
        inputLabel: { shrink: true },
        ...(props.unit === undefined
          ? {}
          : { input: { endAdornment: <InputAdornment position="end">{props.unit}</InputAdornment> } }),
      }}
    />
  );
}
