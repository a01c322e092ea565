type Plain = string | number | boolean | bigint | symbol | null | undefined;

/** What a schema gives, for reading: no field of it may be written, however deep it lies. */
export type DeepReadonly<T> = T extends Plain
  ? T // branded strings too, which TypeScript counts as objects
  : T extends readonly unknown[] | object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
