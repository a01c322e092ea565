import type { ExportId, RunId } from '../ids';

export const exportForms = ['merged', 'adapter'] as const;

export type ExportForm = (typeof exportForms)[number];

export const exportDtypes = ['f32', 'f16', 'bf16'] as const;

export type ExportDtype = (typeof exportDtypes)[number];

export interface ExportView {
  readonly id: ExportId;
  readonly runId: RunId;
  readonly form: ExportForm;
  readonly dtype: ExportDtype;
  readonly path: string;
  readonly bytes: number;
  readonly createdAt: number;
}
