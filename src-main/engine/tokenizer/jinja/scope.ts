import type { Value } from './values';

/** Names and their values; a name that is not here is looked up outside. */
export class Scope {
  private readonly names: Map<string, Value>;
  constructor(
    readonly outer: Scope | null,
    names: Iterable<readonly [string, Value]> = [],
  ) {
    this.names = new Map(names);
  }

  get(name: string): Value {
    for (let scope: Scope | null = this; scope !== null; scope = scope.outer)
      if (scope.names.has(name)) return scope.names.get(name);
    return undefined;
  }

  set(name: string, value: Value): void {
    this.names.set(name, value);
  }
}
