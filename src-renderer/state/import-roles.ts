import type { FileColumn, FileColumns } from '../../src-main/shared/data/dataset';
import { columnRoles, type ColumnRole, type DatasetColumns } from '../../src-main/shared/spec/run-spec';

export const roleNames: Readonly<Record<ColumnRole, string>> = {
  prompt: 'Prompt',
  chosen: 'Chosen answer',
  rejected: 'Rejected answer',
  system: 'System message',
};

/** What a person said, else what the file lets one think; null: the file's own names say it all. */
export function rolesOf(file: FileColumns | null, own: DatasetColumns | null): DatasetColumns | null {
  if (own !== null) return own;
  return file === null || file.format !== null ? null : (file.suggested ?? {});
}

/** Names that are a role's own, to begin with where somebody wants to choose by hand. */
export const namedRoles = (file: FileColumns): DatasetColumns =>
  Object.fromEntries(
    columnRoles.filter((role) => file.columns.some(({ name }) => name === role)).map((role) => [role, role]),
  );

export const withRole = (roles: DatasetColumns, role: ColumnRole, column: string | null): DatasetColumns => {
  const { [role]: _before, ...others } = roles;
  return column === null ? others : { ...others, [role]: column };
};

/** Whole conversations and transcripts hold their prompt. */
const holdsPrompt = (column: FileColumn | undefined): boolean =>
  column !== undefined &&
  (column.holds === 'messages' || column.samples.some((sample) => sample.includes('\n\nAssistant:')));

export function isRequired(role: ColumnRole, roles: DatasetColumns, file: FileColumns): boolean {
  if (role === 'system') return false;
  return role !== 'prompt' || !holdsPrompt(file.columns.find(({ name }) => name === roles.chosen));
}

/** Why these roles make no pair, or null. */
export function rolesProblem(roles: DatasetColumns | null, file: FileColumns | null): string | null {
  if (roles === null || file === null) return null;
  const missing = columnRoles.find((role) => roles[role] === undefined && isRequired(role, roles, file));
  if (missing !== undefined) return `Choose which column is the ${roleNames[missing].toLowerCase()}.`;
  const given = Object.entries(roles) as readonly (readonly [ColumnRole, string])[];
  const twice = given.find(([, column], i) => given.findIndex(([, other]) => other === column) !== i);
  if (twice === undefined) return null;
  const first = given.find(([, column]) => column === twice[1])!;
  return `“${twice[1]}” cannot be both ${roleNames[first[0]].toLowerCase()} and ${roleNames[twice[0]].toLowerCase()}.`;
}

/** The first rows as pairs under these roles. */
export function rolePreview(
  roles: DatasetColumns,
  file: FileColumns,
): readonly Readonly<Partial<Record<ColumnRole, string>>>[] {
  const samplesOf = (role: ColumnRole): readonly string[] =>
    file.columns.find(({ name }) => name === roles[role])?.samples ?? [];
  const rows = file.columns[0]?.samples.length ?? 0;
  const ofRow = (row: number) =>
    columnRoles.flatMap((role) => (samplesOf(role)[row] === undefined ? [] : [[role, samplesOf(role)[row]!] as const]));
  return Array.from({ length: rows }, (_, row) => Object.fromEntries(ofRow(row)));
}
