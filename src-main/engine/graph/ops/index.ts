/**
 * All ops, by name: an op is one export of one of these files, and what it is told beside its inputs is the type that
 * its `infer` takes.
 */
export * from './arithmetic';
export * from './call';
export * from './choice';
export * from './contraction';
export * from './control';
export * from './elementwise';
export * from './lookup';
export * from './reduce';
export * from './shape';
export * from './source';
