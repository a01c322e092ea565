import type { RowProblemCode } from '../../../shared/data/dataset';

/** Why a row makes no pair; `parseRow` turns it into the row's problem. */
export class BadRow extends Error {
  constructor(
    readonly field: string,
    readonly code: RowProblemCode,
    message: string,
  ) {
    super(message);
  }
}
