import { runSpecSchema, type RunSpec } from '../../src-main/shared/spec/run-spec';

/** A run spec as the form begins it; `specOf` puts model and dataset in the place of the dashes. */
export const defaultSpec: RunSpec = runSpecSchema.parse({ model: { path: '-' }, dataset: { path: '-' } });
