declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RunId = Branded<'RunId'>;
export type DatasetId = Branded<'DatasetId'>;
export type ModelId = Branded<'ModelId'>;
export type ExportId = Branded<'ExportId'>;
/**
 * Stands for a file or folder that the user picked in a dialog of main; the renderer never sees the path it may use.
 */
export type FileToken = Branded<'FileToken'>;
