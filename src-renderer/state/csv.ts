/** A chart's or table's numbers as text: what the table view shows and the CSV export writes. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** RFC 4180; numbers keep every digit. */
export function toCsv({ columns, rows }: TableData): string {
  const line = (cells: readonly (string | number | null)[]): string => cells.map(cell).join(',');
  return [line(columns), ...rows.map(line)].join('\r\n') + '\r\n';
}

const cell = (value: string | number | null): string => {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};
